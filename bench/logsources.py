"""Where Sigma rules lead: how many run, how many of these read events that our readers give, other events, or none at all, and why.

make bench-logsources
python bench/logsources.py [--data DATA] [--logsources FILE] [--json OUT], where DATA is the folder that holds `sigma/` (default
$WATCHKEEPER_DATA) and FILE adds to the table of log sources
"""

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from watchkeeper.detection import load_rules
from watchkeeper.detection.logsources import LogSources, Route, log_sources
from watchkeeper.detection.sigma import SigmaSource
from watchkeeper.model.logsource import LogSource

READ = {
    "aws": {"cloudtrail", "route53", "vpcflow", "waf"},
    "azure": None,
    "bitbucket": None,
    "bind": None,
    "bluecoat": None,
    "checkpoint": None,
    "cisco": {"aaa", "asa", "bgp", "duo", "ios", "ldp"},
    "cloudflare": None,
    "dnsmasq": None,
    "fortigate": None,
    "fortiweb": None,
    "gcp": None,
    "github": None,
    "haproxy": None,
    "iis": None,
    "juniper": None,
    "kubernetes": None,
    "linux": {"auditd", "auth", "clamav", "cron", "iptables", "sshd", "sudo", "sysmon", "syslog", "vsftpd"},
    "m365": None,
    "microsoft_dns": None,
    "netscreen": None,
    "nginx": None,
    "okta": None,
    "onelogin": None,
    "opencanary": None,
    "paloalto": None,
    "pfsense": None,
    "sonicwall": None,
    "sophos": None,
    "squid": None,
    "suricata": None,
    "unbound": None,
    "webserver": None,
    "windows": None,
    "windows_firewall": None,
    "zeek": None,
}
"""What the readers give: the services of each product; none for every service there is."""
KINDS = ("of our readers", "of other sources", "nowhere")


def reached(wanted: SigmaSource, sources: LogSources) -> Iterator[LogSource]:
    """Yield a log source for each way in which events can be what a rule wants."""
    products = [wanted.product.lower()] if wanted.product else [*sources.products, wanted.service.lower() or wanted.category.lower()]
    for name in products:
        known = sources.products.get(name)
        words = (known.categories.get(wanted.category.lower(), ()), known.services.get(wanted.service.lower(), ())) if known else ()
        for route in [route for word in words for route in word] + [Route(service=wanted.service)]:
            source = LogSource(product=name, service=route.service or wanted.service, event_type=next(iter(sorted(route.event_types)), ""))
            if any(sources.routes(wanted, source)):
                yield source


def kind(wanted: SigmaSource, sources: LogSources) -> str:
    """Say which events a rule reads."""
    found = list(reached(wanted, sources))
    if not found:
        return "nowhere"
    read = any(one.product in READ and (not one.service or one.service in (READ[one.product] or {one.service})) for one in found)
    return "of our readers" if read else "of other sources"


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = os.environ.get("WATCHKEEPER_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")
    options.add_argument("--data", type=Path, default=Path(default))
    options.add_argument("--logsources", type=Path, help="a file that adds to the table")
    options.add_argument("--json", type=Path, help="write every figure there")
    chosen = options.parse_args()
    ruleset = load_rules([chosen.data / "sigma" / "sigma_all_rules.zip"])
    sources = log_sources(*([chosen.logsources] if chosen.logsources else []))
    counts: dict[str, Counter[str]] = {}
    for rule in ruleset.rules:
        said = "/".join((rule.source.product or "any", rule.source.category or "-", rule.source.service or "-"))
        counts.setdefault(kind(rule.source, sources), Counter())[said] += 1
    for name in KINDS:
        found = counts.get(name, Counter())
        print(f"{sum(found.values()):5,} rules read events {name}, of {len(found)} kinds of log")
        if found and name != KINDS[0]:
            print("      " + ", ".join(f"{said} {count}" for said, count in sorted(found.items())))
    print(f"{len(ruleset.problems):5,} do not run or run with reserve:")
    for problem in ruleset.problems:
        print(f"      {problem}")
    if chosen.json:
        figures = {"rules": len(ruleset.rules), "problems": ruleset.problems, "kinds": {name: dict(counts.get(name, {})) for name in KINDS}}
        chosen.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
