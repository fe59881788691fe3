"""Campaigns that others recorded, as an exam of the first incident: technique, host, dumping process, attacker's address, time.

What is asked comes from the data set's own metadata and raw events; the product never reads either. Rules: SigmaHQ's and ours.

    make bench-incidents
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow.parquet as pq

DATA = Path(os.environ.get("WATCHKEEPER_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
CAMPAIGNS = DATA / "otrf" / "compound"
TECHNIQUE = "T1003.001"
MOST_SHARE = 0.2
FEW_SESSIONS = 5
"""A share of a day's sessions means something only where there are more than so many."""


@dataclass(frozen=True)
class Campaign:
    """What one campaign's first incident holds."""

    name: str
    technique: bool
    host: bool
    dumper: bool
    address: bool | None
    """None where the logs do not hold the address."""
    sessions: int
    all_sessions: int
    incidents: int
    verdict: str
    seconds: float

    @property
    def passed(self) -> bool:
        """Say whether everything asked is there."""
        swallowed = self.all_sessions > FEW_SESSIONS and self.sessions > MOST_SHARE * self.all_sessions
        return self.technique and self.host and self.dumper and self.address is not False and not swallowed and self.seconds < 60


def examine(folder: Path) -> Campaign:
    with tempfile.TemporaryDirectory() as place:
        case = Path(place) / "case"
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "watchkeeper", "investigate", str(folder), "--rules", str(DATA / "sigma" / "sigma_all_rules.zip"),
             "--out", str(case), "--state", str(Path(place) / "state")],
            check=True, capture_output=True,
        )  # fmt: skip
        seconds = time.perf_counter() - began
        found = json.loads((case / "incidents.json").read_text("utf-8"))
        signals = pq.read_table(case / "signals.parquet", columns=["session", "rank"]).to_pylist()
    return judged(folder, found, signals, seconds)


def judged(folder: Path, found: dict, signals: list[dict], seconds: float) -> Campaign:
    raw = "\n".join(text for text in texts(folder))
    attacker, dumpers, host = asked(folder, raw)
    first = found["incidents"][0] if found["incidents"] else {"techniques": [], "hosts": [], "trace": None, "verdict": None}
    trace = first["trace"] or {"nodes": [], "edges": [], "attackers": []}
    images = {path.lower() for node in trace["nodes"] if node["kind"] == "process" for path in (node["label"], *node["details"].values())}
    addresses = {entity["value"] for entity in trace["attackers"]} | {node["label"] for node in trace["nodes"]}
    return Campaign(
        name=folder.name,
        technique=TECHNIQUE in first["techniques"],
        host=host in first["hosts"],
        dumper=any(dumper in image for dumper in dumpers for image in images),
        address=attacker in addresses if attacker in raw else None,
        sessions=len({signal["session"] for signal in signals if signal["rank"] == 1}),
        all_sessions=len({signal["session"] for signal in signals}),
        incidents=len(found["incidents"]),
        verdict=f"{first['verdict']['outcome']} {first['verdict']['confidence']:.2f}" if first["verdict"] else "-",
        seconds=round(seconds, 1),
    )


def texts(folder: Path) -> list[str]:
    archives = sorted(folder.glob("*.zip"))
    return [zipfile.ZipFile(path).read(name).decode("utf-8", "replace") for path in archives for name in zipfile.ZipFile(path).namelist()]


def asked(folder: Path, raw: str) -> tuple[str, set[str], str]:
    """Give the attacker's address and the host by the metadata's console, and by the raw events the images that read lsass."""
    console = (folder.parent / "_metadata" / f"{folder.name}.yaml").read_text("utf-8")
    attacker = re.findall(r"lhost => (\S+)", console)[-1]
    host = re.findall(r"Host Name:\s+(\S+)", console)[0].lower()
    opened: set[str] = set()
    for line in raw.splitlines():
        if '"EventID":10,' in line and "lsass.exe" in line and "Sysmon" in line:
            event = json.loads(line)
            reads = int(event["GrantedAccess"], 16) & 0x10
            foreign = "UNKNOWN" in event.get("CallTrace", "") or re.search(
                r"dbg(help|core)|comsvcs", event.get("CallTrace", ""), re.IGNORECASE
            )
            if reads and foreign and event["TargetImage"].lower().endswith("lsass.exe"):
                opened.add(event["SourceImage"].lower().rpartition("\\")[2])
    return attacker, opened, host


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("folders", nargs="*", type=Path)
    options = parser.parse_args()
    results: list[Campaign] = []
    for folder in options.folders or sorted(path for path in CAMPAIGNS.glob("LSASS_*") if path.is_dir()):
        results.append(examine(folder))
        print("passed" if results[-1].passed else "FAILED", json.dumps(asdict(results[-1])), flush=True)
    print(f"{sum(result.passed for result in results)} of {len(results)} campaigns passed")
    if options.json:
        options.json.write_text(json.dumps([asdict(result) | {"passed": result.passed} for result in results], indent=1))


if __name__ == "__main__":
    main()
