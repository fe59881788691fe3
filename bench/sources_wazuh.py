"""Log lines of many devices, each with the decoder that another product's own tests expect: are they read as the right product, and whole?

make bench-sources, or alone: python bench/sources_wazuh.py [--data DATA] [--json OUT] [--misses], where DATA is the folder that holds
`sources/wazuh-logs.zip` (default $WATCHKEEPER_DATA or ../shared/data).

Each line is read alone, as a file of its own without a telling name: nothing around it helps. It counts as recognised if its events have
the log source that PRODUCTS gives for its decoder (or JSON for its file, where the decoder says no more than JSON). A fifth of the lines is
for decoders that the set's authors made up to test their own engine; they name no product there is and are counted apart: such a line is
right if it is kept as an event of linux/syslog, or raw as of an unknown product where it has no syslog header.
FIELDS lists what the rules of each decoder ask for, with a pattern for its value in the line; an event must have that very value in one of
the fields named. The line decides whether a value is there, not our reader.
"""

import argparse
import json
import os
import re
import sys
import tempfile
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from watchkeeper.ingest import read
from watchkeeper.model.batch import Batch, Value

PRODUCTS: Mapping[str, tuple[str, ...]] = {
    "NetworkManager": ("linux/syslog", "linux/networkmanager"),
    "ECPServerLog": ("exchange/",),
    "HTTPProxyLog": ("exchange/",),
    "apache-errorlog": ("apache/error", "modsecurity/"),
    "ar_log": ("ossec/", "wazuh/"),
    "arbor": ("arbor/",),
    "auditd": ("linux/auditd",),
    "checkpoint-smart1": ("checkpoint/",),
    "cisco-asa": ("cisco/asa",),
    "dovecot": ("dovecot/",),
    "dovecot-info": ("dovecot/",),
    "fortiauth": ("fortiauthenticator/",),
    "fortigate-firewall-v3": ("fortigate/",),
    "fortigate-firewall-v4": ("fortigate/",),
    "fortigate-firewall-v5": ("fortigate/",),
    "fortigate-firewall-v6": ("fortigate/",),
    "fortimail-like": ("fortimail/",),
    "junos-ids": ("juniper/junos",),
    "junos-rt-flow": ("juniper/junos",),
    "kernel": ("linux/iptables", "linux/kernel"),
    "named": ("bind/",),
    "netscreenfw": ("netscreen/",),
    "nginx-errorlog": ("nginx/error", "modsecurity/"),
    "openvpn": ("openvpn/",),
    "oscap": ("openscap/", "linux/oscap"),
    "ossec-logcollector": ("ossec/", "wazuh/"),
    "pf": ("pfsense/",),
    "pix": ("cisco/asa",),
    "postfix-reject": ("postfix/",),
    "proftpd": ("linux/proftpd",),
    "smbd": ("samba/",),
    "sonicwall": ("sonicwall/",),
    "sophos": ("sophos/",),
    "sophos-fw": ("sophos/",),
    "sophos-win": ("sophos/",),
    "squid-accesslog": ("squid/",),
    "su": ("linux/su",),
    "sudo": ("linux/sudo",),
    "web-accesslog": ("webserver/", "apache/access", "nginx/access"),
    "web-accesslog-iis-default": ("iis/",),
    "web-accesslog-iis6": ("iis/",),
}
"""Log sources that are right for a decoder; one that ends with a slash stands for every service of that product."""
JSON: Mapping[str, tuple[str, ...]] = {
    "amazon_sec_lake": ("ocsf/", "aws/"),
    "aws_s3_access": ("aws/",),
    "aws_security_hub": ("aws/", "security_hub/"),
    "docker_integration": ("docker/",),
    "github": ("github/",),
    "office365": ("m365/",),
    "owlh": ("zeek/",),
    "sysmon_eid_1": ("windows/Microsoft-Windows-Sysmon/Operational",),
    "sysmon_eid_10": ("windows/Microsoft-Windows-Sysmon/Operational",),
    "sysmon_eid_11": ("windows/Microsoft-Windows-Sysmon/Operational",),
    "sysmon_eid_7": ("windows/Microsoft-Windows-Sysmon/Operational",),
    "vuln_detector": ("wazuh/",),
    "win_event_channel": ("windows/",),
    "win_security": ("windows/",),
    "windows_baseline_intrusion_detection": ("windows/",),
}
"""Log sources that are right for the JSON lines of a file."""
NO_DECODER: Mapping[str, tuple[str, ...]] = {"syslog": ("linux/",), "dovecot": ("dovecot/",)}
"""The same for lines that no decoder takes, by file."""
MADE_UP = re.compile(r"(?:ow_)?test(?:_|$)|osregex_|user$")
"""Decoders, or files of JSON, that belong to no product but to the set's own tests."""
_ADDRESS = r"(\d+\.\d+\.\d+\.\d+|[0-9a-f]*:[0-9a-f:]*:[0-9a-f.]+)"
_KEYS = {
    name: rf'(?:^|[\s,]){name}=(?:"([^"]+)"|([^\s",]+))'
    for name in ("action", "status", "user", "srcip", "dstip", "srcport", "dstport", "url")
}
_ACCESS = {
    "c-ip": r"(?:^|nginx: |apache: |:\d+ )([0-9A-Fa-f.:]*[.:][0-9A-Fa-f.:]+) ",
    "cs-method": r'\] "([A-Z]+) ',
    "c-uri": r'\] "[A-Z]+ (\S+)',
    "sc-status": r'HTTP/[\d.]+" (\d{3}) ',
}
_IIS = {
    "c-ip": r"(?: \d+ \S+ )(\d+\.\d+\.\d+\.\d+) ",
    "cs-method": r" (GET|POST|HEAD|PUT) /",
    "cs-uri-stem": r" (?:GET|POST|HEAD|PUT) (/\S*) ",
    "cs-uri-query": r" (?:GET|POST|HEAD|PUT) /\S* ([^-\s]\S+) ",
    "sc-status": r" (\d{3}) \d+ \d+(?: \d+)*\s*$",
}
_ASA = {
    "message_id": r"%(?:ASA|PIX)-\d-(\d{6})",
    "severity_level": r"%(?:ASA|PIX)-(\d)-",
    "src_ip": rf"(?:from|src|faddr) (?:[\w.-]+:)?{_ADDRESS}\b",
    "dst_ip": rf"(?:\bto|dst|gaddr) (?:[\w.-]+:)?{_ADDRESS}/",
    "src_port": rf"(?:from|src) (?:[\w.-]+:)?{_ADDRESS}/(\d+)(?![\da-f.])",
    "dst_port": rf"(?:\bto|dst) (?:[\w.-]+:)?{_ADDRESS}/(\d+)",
    "protocol": r"\b(TCP|UDP|ICMP|GRE|tcp|udp|icmp)\b (?:connection|src|translation|access|\(no)",
    "user": r"(?:for user|[Uu]name:) \"?(\w+)\"?",
}
_PACKET = {
    "src_ip": r"\bSRC=(\S+)",
    "dst_ip": r"\bDST=(\S+)",
    "src_port": r"\bSPT=(\d+)",
    "dst_port": r"\bDPT=(\d+)",
    "protocol": r"\bPROTO=(\w+)",
    "action": r"(?i)\b(drop|block)\b",
}
_FORTIGATE = {
    **{name: _KEYS[name] for name in ("action", "user", "srcip", "dstip", "srcport", "dstport", "url")},
    "status": _KEYS["status"],
    "type": r"\btype=\"?([\w-]+)",
    "subtype": r"\bsubtype=\"?([\w-]+)",
    "level|pri": r"\b(?:level|pri)=\"?(\w+)",
    "src|srcip": r"\bsrc(?:ip)?=([\d.]+)",
    "dst|dstip": r"\bdst(?:ip)?=([\d.]+)",
    "logid|log_id": r"\blog_?id=\"?(\d+)",
    "attack": r'\battack="([^"]+)"',
    "hostname": r'\bhostname="([^"]+)"',
    "msg": r'\bmsg="([^"]+)"',
}
_ERRORS = {
    "level|severity_level": r"\[(?:[\w-]*:)?(emerg|alert|crit|error|warn|notice)\]",
    "src_ip": rf"\[client {_ADDRESS}|client: {_ADDRESS}",
}
_OSCAP = {
    name: rf'(?:^|[ ,]){name}: "([^"]+)"'
    for name in ("msg", "scan-id", "content", "title", "id", "result", "severity", "profile-title", "profile-id", "benchmark-id", "score")
}
FIELDS: Mapping[str, Mapping[str, str]] = {
    "apache-errorlog": {
        **_ERRORS,
        "rule_id": r'\[id "(\d+)"\]',
        "uri": r'\[uri "([^"]+)"\]',
        "msg": r'\[msg "([^"]+)"\]',
        "hostname": r'\[hostname "([^"]+)"\]',
        "unique_id": r'\[unique_id "([^"]+)"\]',
    },
    "ar_log": {"script|command": r"bin/(\S+)", "action": r"\.sh (add|delete) ", "src_ip": rf"- {_ADDRESS} ", "rule_id": r" (\d+)$"},
    "arbor": {"protocol": r"using (\w+)/", "dst_port": r"using \w+/(\d+)", "reason|attack": r" by (.*?) using "},
    "auditd": {name: rf'\b{name}="?([^"\s]+)' for name in ("syscall", "success", "exe", "comm", "auid", "key", "pid")},
    "checkpoint-smart1": {
        **{name: rf'[\[ ]{name}:"([^"]+)"' for name in ("action", "src", "dst", "service", "s_port", "proto", "product", "fw_subproduct")},
        "rule_action|rule_name": r'rule_action:"([^"]+)"',
    },
    "cisco-asa": _ASA,
    "dovecot": {"user": r"user=<([^>]+)>|(?:sql|pam)\(([^,]+),", "src_ip": r"rip=([\d.:a-f]+)|(?:sql|pam)\([^,]+,([\d.:a-f]+)\)"},
    "dovecot-info": {"user": r"user=<([^>]+)>|(?:pam|file)\(([^,]+),", "src_ip": r"rip=([\d.:a-f]+)|(?:pam|file)\([^,]+,([\d.:a-f]+)\)"},
    "fortiauth": {
        name: rf'\b{name}="?([^"\s]+)' for name in ("category", "subcategory", "typeid", "level", "user", "nas", "action", "status")
    },
    "fortigate-firewall-v3": _FORTIGATE,
    "fortigate-firewall-v4": _FORTIGATE,
    "fortigate-firewall-v5": _FORTIGATE,
    "fortigate-firewall-v6": _FORTIGATE,
    "fortimail-like": {
        **{name: rf'\b{name}="([^"]+)"' for name in ("from", "to", "client_ip", "dst_ip", "subject", "disposition", "session_id", "msg")},
        **{name: rf"\b{name}=(\w+)" for name in ("type", "subtype", "log_id", "action", "status", "user", "pri")},
    },
    "junos-ids": {
        name: rf'\b{name}="([^"]+)"' for name in ("attack-name", "source-address", "destination-address", "action", "protocol-id")
    },
    "junos-rt-flow": {
        **{name: rf'\b{name}="([^"]+)"' for name in ("source-address", "source-port", "destination-address", "destination-port", "reason")},
        "message_id|event": r"RT_FLOW - (\w+)",
    },
    "kernel": _PACKET,
    "named": {"src_ip": rf"client {_ADDRESS}#", "src_port": rf"client {_ADDRESS}#(\d+)", "action": r"(denied)"},
    "netscreenfw": {
        "device_id": r"device_id=(\S+)",
        "message_id": r"system-\w+-(\d+)",
        "severity_level|severity": r"system-(\w+)-",
        "src_ip": rf"(?:from host|from|From) {_ADDRESS}",
    },
    "nginx-errorlog": _ERRORS,
    "openvpn": {"user|ldap_dn": r'DN "([^"]+)"'},
    "oscap": _OSCAP,
    "pf": {
        "action": r",match,(pass|block)",
        "direction": r",match,\w+,(in|out),",
        "src_ip": rf",\w+,\d+,{_ADDRESS},",
        "dst_ip": rf",\w+,\d+,{_ADDRESS},{_ADDRESS}",
        "protocol": r",\d+,(tcp|udp|icmp),",
        "dst_port": rf"{_ADDRESS},\d+,(\d+),",
    },
    "pix": _ASA,
    "postfix-reject": {"src_ip": rf"from \S*\[{_ADDRESS}\]", "status|code|reply_code": r": (\d{3}) "},
    "proftpd": {"src_ip": rf"\[{_ADDRESS}\]\)", "user": r"(?:USER|ANON) (\w+)"},
    "smbd": {"src_ip": rf"from \({_ADDRESS}\)", "user": r"User name: (\w+)"},
    "sonicwall": {
        "src_ip": r"\bsrc=([\d.]+):",
        "dst_ip": r"\bdst=([\d.]+):",
        "src_port": r"\bsrc=[\d.]*:(\d+):",
        "dst_port": r"\bdst=[\d.]*:(\d+):",
        "proto": r"\bproto=(\S+)",
        "m": r"\bm=(\d+)",
        "pri": r"\bpri=(\d)",
        "msg": r'\bmsg="([^"]+)"',
    },
    "sophos": {"user": r"User \(([^)]+)\)"},
    "sophos-fw": {
        **{name: rf'\b{name}="([^"]+)"' for name in ("log_type", "log_component", "log_subtype", "status")},
        "fw_rule_id": r"\bfw_rule_id=(\d+)",
        **{name: rf"\b{name}=([^\s\"]+)" for name in ("src_ip", "dst_ip", "src_port", "dst_port", "protocol")},
    },
    "squid-accesslog": {"c-ip": rf" {_ADDRESS} TCP", "result_code": r" (TCP_\w+)/", "sc-status": r"TCP_\w+/(\d+)", "c-uri": r" GET (\S+)"},
    "su": {
        "user": r"BAD SU (\S+) to|su(?:\[\d+\])?: (\S+) to |from (\S+) to|ruser=(\S+)",
        "target_user|USER": r" to (\w+)(?: on|$)|  user=(\w+)",
    },
    "sudo": {
        "user": r"sudo: +(\w+) : ",
        "TTY": r"TTY=(\S+)",
        "PWD": r"PWD=(\S+)",
        "USER": r"USER=(\S+)",
        "COMMAND": r"COMMAND=(.*\S)",
        "reason": r" : ([^;=]+) ; TTY",
    },
    "web-accesslog": _ACCESS,
    "web-accesslog-iis-default": _IIS,
    "web-accesslog-iis6": {"cs-uri-stem": _IIS["cs-uri-stem"], "cs-uri-query": _IIS["cs-uri-query"], "cs-method": _IIS["cs-method"]},
}
"""For each decoder, what its rules ask for: our field, or several of which one must have it, and where the value stands in a line."""
MEMBERS: Mapping[str, tuple[str, ...]] = {
    "amazon_sec_lake": ("class_name", "activity_name", "severity", "src_endpoint.ip", "metadata.product.name"),
    "aws_s3_access": ("operation", "remote_ip", "http_status", "bucket", "key", "requester", "error_code"),
    "aws_security_hub": ("ProductName", "Compliance.Status", "Severity.Label", "Title", "AwsAccountId"),
    "docker_integration": ("Type", "Action", "Actor.Attributes.name", "Actor.Attributes.image", "Actor.ID"),
    "github": ("action", "actor", "org"),
    "office365": ("Operation", "Workload", "UserId", "ClientIP", "RecordType", "ObjectId", "ResultStatus"),
    "owlh": ("id.orig_h", "id.resp_h", "id.resp_p", "query", "proto"),
    "vuln_detector": ("cve", "status", "package.name"),
    **dict.fromkeys(
        (name for name in JSON if name.startswith(("sysmon", "win"))),
        (
            *(
                "eventID",
                "channel",
                "computer",
                "providerName",
                "image",
                "parentImage",
                "commandLine",
                "parentCommandLine",
                "originalFileName",
            ),
            *("targetFilename", "imageLoaded", "targetImage", "sourceImage", "grantedAccess", "callTrace", "serviceName", "imagePath"),
            *(
                "targetUserName",
                "subjectUserName",
                "ipAddress",
                "logonType",
                "authenticationPackageName",
                "logonProcessName",
                "workstationName",
            ),
        ),
    ),
}
"""For each file of JSON, the members that its rules ask for: ends of paths in the line; fields of ours are so called without case and
underscores."""
_LOG = re.compile(r"log \d+ (?:pass|fail)\s*=\s?(.*)")
_QUOTED = " Original IP payload:"
"""What an ICMP error quotes of another packet is not of the event itself."""
_KEPT = ("linux/syslog", "unknown/")


class Line(NamedTuple):
    """One line of the set."""

    file: str
    decoder: str
    text: str

    @property
    def made_up(self) -> bool:
        """Whether its decoder belongs to no product."""
        return MADE_UP.match(self.file if self.decoder == "json" else self.decoder) is not None

    @property
    def right(self) -> tuple[str, ...]:
        """Log sources that are right for it."""
        return JSON.get(self.file, ()) if self.decoder == "json" else PRODUCTS.get(self.decoder) or NO_DECODER.get(self.file, ())


@dataclass
class Told:
    """What became of a line."""

    sources: list[str] = field(default_factory=list[str])
    fields: list[Mapping[str, Value]] = field(default_factory=list[Mapping[str, Value]])


def lines(archive: Path) -> Iterator[Line]:
    """Yield every line of every section with the section's decoder."""
    with zipfile.ZipFile(archive) as opened:
        for name in sorted(one for one in opened.namelist() if one.endswith(".ini")):
            texts: list[str] = []
            decoder = ""
            for written in [*opened.read(name).decode(errors="replace").splitlines(), "[]"]:
                if found := _LOG.match(written):
                    texts.append(found[1])
                elif written.startswith("["):
                    yield from (Line(Path(name).stem, decoder, text) for text in texts)
                    texts, decoder = [], ""
                elif written.startswith("decoder"):
                    decoder = written.partition("=")[2].strip()


def told(found: Sequence[Line]) -> list[Told]:
    """Read each line as a file of its own."""
    results = [Told() for _ in found]
    with tempfile.TemporaryDirectory() as scratch:
        for at, line in enumerate(found):
            (Path(scratch) / f"{at:06}").write_text(line.text + "\n", "utf-8")
        for item in read([Path(scratch)]):
            if isinstance(item, Batch):
                places = item.table.column("_source").to_pylist()
                for place, fields in zip(places, item.rows(), strict=True):
                    one = results[int(Path(str(place)).name)]
                    one.sources.append(f"{item.logsource.product}/{item.logsource.service}")
                    one.fields.append(fields)
    return results


def recognised(line: Line, result: Told) -> bool:
    if line.made_up:
        return bool(result.sources) and all(one.startswith(_KEPT) for one in result.sources)
    right = line.right
    return bool(result.sources) and all(
        any(one.startswith(way) if way.endswith("/") else one == way for way in right) for one in result.sources
    )


def wanted(line: Line) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield names of fields and the value that one of them must have."""
    if line.decoder == "json":
        yield from _members(line)
        return
    for names, pattern in FIELDS.get(line.decoder, {}).items():
        found = re.search(pattern, line.text.partition(_QUOTED)[0])
        value = next((one for one in reversed(found.groups()) if one), "") if found else ""
        if value and value not in {"-", "N/A"}:
            yield tuple(names.split("|")), value


def _members(line: Line) -> Iterator[tuple[tuple[str, ...], str]]:
    try:
        leaves = dict(_leaves("", json.loads(line.text)))
    except ValueError:
        return
    for name in MEMBERS.get(line.file, ()):
        for path, value in leaves.items():
            if path == name or path.endswith(f".{name}"):
                yield (name,), value
                break


def _leaves(path: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(f"{path}.{name}" if path else str(name), inner)
    elif isinstance(value, str | int) and value != "":
        yield path, str(value)


def has(result: Told, names: Sequence[str], value: str) -> bool:
    ends = tuple(map(_plain, names))
    for fields in result.fields:
        for name, held in fields.items():
            known = _plain(name)
            if any(known == end or known.endswith(f".{end}") for end in ends) and any(
                _same(one, value) for one in ([held] if isinstance(held, str) else held)
            ):
                return True
    return False


def _plain(name: str) -> str:
    return name.lower().replace("_", "")


def _same(held: str, value: str) -> bool:
    return held.strip().casefold().replace("\\", "") == value.strip().casefold().replace("\\", "") or (
        value.casefold() in {"drop", "block"} and held in {"denied", "blocked"}
    )


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = os.environ.get("WATCHKEEPER_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")
    options.add_argument("--data", type=Path, default=Path(default))
    options.add_argument("--json", type=Path, help="write every figure there")
    options.add_argument("--misses", action="store_true", help="show each line that is not recognised and each value that is missed")
    chosen = options.parse_args()
    archive = chosen.data / "sources" / "wazuh-logs.zip"
    if not archive.exists():
        print(f"skipped: there is no {str(archive)!r}; name the folder of the data sets with --data")
        return 0
    found = list(lines(archive))
    figures = measured(found, told(found), shown=chosen.misses)
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    return 0


def measured(found: Sequence[Line], results: Sequence[Told], *, shown: bool) -> dict[str, object]:
    """Count and print."""
    right: dict[bool, Counter[bool]] = {True: Counter(), False: Counter()}
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    missed: Counter[str] = Counter()
    for line, result in zip(found, results, strict=True):
        kind = line.file if line.decoder == "json" or not line.decoder else line.decoder
        good = recognised(line, result)
        right[line.made_up][good] += 1
        if line.made_up:
            continue
        kinds[kind].update(lines=1, recognised=good)
        if shown and not good:
            print(f"  {kind}: read as {sorted(set(result.sources)) or 'nothing'}: {line.text[:160]}")
        for names, value in wanted(line):
            there = good and has(result, names, value)
            kinds[kind].update(values=1, extracted=there)
            if not there:
                missed[f"{kind}: {'|'.join(names)}"] += 1
                if shown:
                    print(f"  {kind}: {'|'.join(names)} is not {value!r}: {line.text[:160]}")
    return _printed(right, kinds, missed)


def _printed(right: Mapping[bool, Counter[bool]], kinds: Mapping[str, Counter[str]], missed: Counter[str]) -> dict[str, object]:
    real, made_up = right[False], right[True]
    values, extracted = (sum(one[name] for one in kinds.values()) for name in ("values", "extracted"))
    everything = real.total() + made_up.total()
    for kind, one in sorted(kinds.items()):
        print(f"{one['recognised']:5} of {one['lines']:4} lines, {one['extracted']:5} of {one['values']:5} values  {kind}")
    for name, count in missed.most_common():
        print(f"{count:5} values missed  {name}")
    print(f"{real[True]:,} of {real.total():,} lines of products are recognised as the right one ({real[True] / real.total():.1%})")
    print(f"{made_up[True]:,} of {made_up.total():,} lines for decoders of no product are kept ({made_up[True] / made_up.total():.1%})")
    print(f"{real[True] + made_up[True]:,} of all {everything:,} lines ({(real[True] + made_up[True]) / everything:.1%})")
    print(f"{extracted:,} of {values:,} values that rules ask for are extracted ({extracted / max(1, values):.1%})")
    return {
        "lines": real.total(),
        "recognised": real[True],
        "made_up_lines": made_up.total(),
        "made_up_kept": made_up[True],
        "values": values,
        "extracted": extracted,
        "kinds": {kind: dict(one) for kind, one in sorted(kinds.items())},
        "missed": dict(missed.most_common()),
    }


if __name__ == "__main__":
    sys.exit(main())
