"""How many signals ordinary activity gives: signals per 100,000 events on benign sets, ours and, if asked, SigmaHQ's.

Run: python bench/quiet.py [--data DATA] [--sigmahq] [--otrf] [--json OUT]; see `bench/techniques.py` for DATA. `links` are the addresses of
web pages in mail, each as a request of its own visitor. `--otrf` adds the lab's recordings, which hold attacks too: read its list of rules,
do not call it noise.
"""

import argparse
import json
import os
import re
import sys
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa

from watchkeeper.content import folder
from watchkeeper.detection import Detector, load_rules
from watchkeeper.ingest import read
from watchkeeper.model.batch import RESERVED, Batch
from watchkeeper.model.logsource import LogSource

SYSMON = "Microsoft-Windows-Sysmon/Operational"
POWERSHELL = "Microsoft-Windows-PowerShell/Operational"
_LINK = re.compile(rb"https?://([^\s\"<>')]+)")


def batch(logsource: LogSource, rows: list[dict[str, str]]) -> Batch:
    """Make a batch of single values."""
    count = len(rows)
    reserved: dict[str, object] = {
        "_id": [str(number) for number in range(count)],
        "_time": pa.nulls(count, RESERVED.field("_time").type),
        "_host": [""] * count,
        "_source": ["list"] * count,
        "_row": pa.array(range(count), pa.int64()),
        "_raw": [json.dumps(row) for row in rows],
    }
    names = dict.fromkeys(name for row in rows for name in row)
    native = {name: pa.array([row.get(name) for row in rows], pa.string()) for name in names}
    return Batch(logsource, pa.table(reserved | native))


def amides(archive: Path) -> Iterator[Batch]:
    """Ordinary command lines, registry writes, scripts and requests of AMIDES as the events they came from."""
    with zipfile.ZipFile(archive) as packed:
        lines = {name: packed.read(f"socbed/{name}/all").decode().splitlines() for name in _AMIDES}
    for name, (logsource, event) in _AMIDES.items():
        yield batch(logsource, [event(line) for line in lines[name] if line])


def _process(line: str) -> dict[str, str]:
    command = str(json.loads(line)) if line.startswith('"') and line.endswith('"') else line
    image = command[1:].partition('"')[0] if command.startswith('"') else command.partition(" ")[0]
    return {"EventID": "1", "Channel": SYSMON, "Image": image, "CommandLine": command}


def _registry(line: str) -> dict[str, str]:
    key, _, details = line.rpartition("\\")
    return {"EventID": "13", "Channel": SYSMON, "EventType": "SetValue", "TargetObject": key, "Details": details}


def _script(line: str) -> dict[str, str]:
    return {"EventID": "4104", "Channel": POWERSHELL, "ScriptBlockText": line}


def _request(line: str) -> dict[str, str]:
    host, _, uri = line.partition("://")[2].partition("/")
    return {"method": "GET", "host": host, "uri": f"/{uri}", "status_code": "200"}


_AMIDES = {
    "process_creation": (LogSource(product="windows", service=SYSMON, event_type="1"), _process),
    "registry": (LogSource(product="windows", service=SYSMON, event_type="13"), _registry),
    "powershell": (LogSource(product="windows", service=POWERSHELL, event_type="4104"), _script),
    "proxy_web": (LogSource(product="zeek", service="http"), _request),
}


def links(archives: Iterable[Path]) -> Iterator[Batch]:
    """Every address of a web page in mail as a request for it, each by another visitor."""
    found: dict[str, None] = {}
    for archive in archives:
        with zipfile.ZipFile(archive) as packed:
            for name in packed.namelist():
                text = packed.read(name).replace(b"=\n", b"").replace(b"=\r\n", b"").replace(b"=3D", b"=")
                found.update(dict.fromkeys(match.decode("latin-1") for match in _LINK.findall(text)))
    yield batch(LogSource(product="webserver", service="access"), [_visit(number, link) for number, link in enumerate(found)])


def _visit(number: int, link: str) -> dict[str, str]:
    host, _, path = link.partition("/")
    stem = f"/{path}".partition("?")[0]
    address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    return {"c-ip": address, "cs-method": "GET", "cs-host": host, "c-uri": f"/{path}", "cs-uri-stem": stem, "sc-status": "200"}


def count(batches: Iterable[Batch], detector: Detector) -> tuple[int, Counter[tuple[str, str]]]:
    """Give the number of events, and the signals by level and title."""
    events, signals = 0, Counter[tuple[str, str]]()
    for one in batches:
        found = detector.signals(one)
        events += one.table.num_rows
        signals.update(_named(found))
    signals.update(_named(detector.finish()))
    return events, signals


def _named(found: pa.Table) -> list[tuple[str, str]]:
    return list(zip(found.column("level").to_pylist(), found.column("title").to_pylist(), strict=True))


def batches(path: Path) -> Iterator[Batch]:
    """Read the batches, leaving out the accounts of files."""
    return (one for one in read([path]) if isinstance(one, Batch))


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    default = os.environ.get("WATCHKEEPER_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")
    options.add_argument("--data", type=Path, default=Path(default))
    options.add_argument("--sigmahq", action="store_true")
    options.add_argument("--otrf", action="store_true")
    options.add_argument("--json", type=Path)
    chosen = options.parse_args()
    data: Path = chosen.data
    rules = {"ours": folder("rules")} | ({"sigmahq": data / "sigma" / "sigma_all_rules.zip"} if chosen.sigmahq else {})
    report: list[dict[str, object]] = []
    for name, path in rules.items():
        detector = Detector(load_rules([path]))
        mail = [data / "mail" / "spamassassin.zip", data / "mail" / "phishing_pot.zip"]
        sets = {"benign": batches(data / "evtx" / "benign.zip"), "amides": amides(data / "evtx" / "amides.zip"), "links": links(mail)}
        if chosen.otrf:
            sets["otrf"] = batches(data / "otrf")
        for title, events in sets.items():
            total, signals = count(events, detector)
            report.append({"rules": name, "set": title, "events": total, "signals": [[*key, n] for key, n in signals.most_common()]})
            print(f"{name:8} {title:7} {total:9,} events {signals.total():7,} signals {signals.total() / total * 100_000:9.1f} per 100,000")
            for (level, rule), n in signals.most_common(25):
                print(f"   {n:7,} {level:13} {rule}")
    if chosen.json:
        chosen.json.write_text(json.dumps(report, indent=1), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
