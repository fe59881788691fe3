"""What hunts find: recordings of one labelled technique each, and how many findings a hunt gives where nothing happens.

Run: python bench/hunts.py [--data DATA] [--json OUT] [PART ...]; see `bench/techniques.py` for DATA. Parts: `evtx` (recordings of single
techniques), `otrf` (the lab's, each with its label in `_metadata`), `benign` (ordinary EVTX), `range` (three days of the range without an
intrusion), `beacons` (Zeek logs with known beacons); all of them if none is named.

A recording counts as found if a hunt for its technique, its parent, or one below it finds anything in it. Hunts were written and
corrected with one half of the recordings in sight, by a hash of their names; the other half is told apart. Labels are read here alone.
"""

import argparse
import json
import os
import re
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import yaml

from watchkeeper.attack import current_id, parent
from watchkeeper.autopilot.hunting import hunts_of
from watchkeeper.cyberrange import generate
from watchkeeper.detection.detector import Engine
from watchkeeper.detection.hunting import Hunter, Hunts
from watchkeeper.detection.logsources import log_sources
from watchkeeper.ingest import read
from watchkeeper.model.batch import Batch

_LABEL = re.compile(r"/(T\d{4}(?:\.\d{3})?)[^/]*/")
_SEEDS = (310, 311, 312)
_HOURS = 8


@dataclass
class Recording:
    """One recording, and how many findings each hunt gave on it."""

    name: str
    set: str
    labels: list[str]
    seen: bool
    """Whether it was in sight when hunts were written."""
    asked: bool = False
    """Whether there is a hunt for it."""
    events: int = 0
    findings: dict[str, int] = field(default_factory=dict)
    right: list[str] = field(default_factory=list)
    """Hunts for its technique that found something."""
    unanswerable: list[str] = field(default_factory=list)
    """Hunts for its technique that its events cannot answer."""


def in_sight(name: str) -> bool:
    """Say by a hash of a recording's name whether it was in sight."""
    return blake2b(name.encode(), digest_size=1).digest()[0] % 2 == 0


def family(technique: str) -> set[str]:
    """Give the technique and its parent, by the ids of today and those they had."""
    today = current_id(technique)
    return {technique.partition(".")[0], parent(today) or today}


def hunted(hunts: Hunts, batches: Iterable[Batch], engine: Engine = "fused") -> tuple[Hunter, int]:
    """Run hunts over events, and say how many there were; the result does not depend on the engine, the time on few events does."""
    hunter, events = Hunter(hunts, log_sources(), "en", None, engine), 0
    for batch in batches:
        events += batch.table.num_rows
        hunter.signals(batch)
    hunter.finish()
    return hunter, events


def recorded(hunts: Hunts, one: Recording, batches: Iterable[Batch], engine: Engine) -> Recording:
    """Hunt in a recording."""
    hunter, one.events = hunted(hunts, batches, engine)
    wanted = set[str]().union(*map(family, one.labels))
    for result in hunter.results:
        about = bool(wanted.intersection(*[set[str]().union(*map(family, result.hunt.techniques))]))
        one.asked |= about
        if result.found:
            one.findings[result.hunt.name] = result.found
            one.right += [result.hunt.name] if about else []
        elif about and result.status == "unanswerable":
            one.unanswerable.append(result.hunt.name)
    return one


def evtx(data: Path, hunts: Hunts) -> Iterator[Recording]:
    """Hunt in each recording of a single technique."""
    by_source: dict[str, list[Batch]] = defaultdict(list)
    for item in read([data / "evtx" / "evtx-to-mitre.zip"]):
        if isinstance(item, Batch):
            for source in item.table.column("_source").unique().to_pylist():
                table = item.table.filter(pc.equal(item.table.column("_source"), pa.scalar(source)))
                by_source[str(source)].append(Batch(item.logsource, table))
    for source, batches in sorted(by_source.items()):
        label = _LABEL.search(source)
        if label and source.lower().endswith(".evtx"):
            name = source.rpartition("!")[2]
            yield recorded(hunts, Recording(name, "evtx", [label[1]], in_sight(name)), batches, "reference")


def otrf(data: Path, hunts: Hunts) -> Iterator[Recording]:
    """Hunt in each of the lab's recordings of a single technique."""
    archives = {path.name: path for path in (data / "otrf" / "atomic").rglob("*.zip")}
    for path in sorted((data / "otrf" / "atomic" / "_metadata").glob("*.yaml")):
        told = yaml.safe_load(path.read_text("utf-8"))
        here = [archives[name] for entry in told["files"] if (name := entry["link"].rpartition("/")[2]) in archives]
        labels = [
            f"{one['technique']}.{one['sub-technique']}" if one.get("sub-technique") else one["technique"]
            for one in told["attack_mappings"] or ()
        ]
        if here and labels:
            batches = (item for item in read(here) if isinstance(item, Batch))
            yield recorded(hunts, Recording(path.stem, "otrf", labels, in_sight(path.stem)), batches, "fused")


def quiet(hunts: Hunts, bodies: Iterable[list[Path]]) -> dict[str, object]:
    """Count what each hunt finds where nothing happens, as findings and as what a person reads (alike together)."""
    events, found, alike = 0, Counter[str](), Counter[str]()
    for paths in bodies:
        hunter, more = hunted(hunts, (item for item in read(paths) if isinstance(item, Batch)))
        events += more
        for result in hunter.results:
            found[result.hunt.name] += result.found
            alike[result.hunt.name] += len(result.findings)
    rates = {name: round(count * 100_000 / events, 1) for name, count in found.most_common() if count}
    told = {name: round(alike[name] * 100_000 / events, 1) for name in rates}
    return {"events": events, "findings_per_100000": rates, "told_per_100000": told, "total": round(100_000 * found.total() / events, 1)}


def ranges() -> Iterator[list[Path]]:
    """Make days of the range without an intrusion."""
    for seed in _SEEDS:
        with tempfile.TemporaryDirectory(prefix="watchkeeper-bench-") as folder:
            generate("none", seed, Path(folder), hours=_HOURS)
            yield [Path(folder) / "evidence"]


def beacons(data: Path, hunts: Hunts) -> dict[str, object]:
    """Say what the hunt for regular connections finds in logs of which another product's tests know the beacons."""
    chosen, batches = (
        hunts.chosen(["beaconing", "web-beaconing"]),
        (item for item in read([data / "zeek" / "rita.zip"]) if isinstance(item, Batch)),
    )
    hunter, events = hunted(chosen, batches)
    told = {
        one.hunt.name: {"status": one.status, "values": one.values, "found": [two.what for two in one.findings]} for one in hunter.results
    }
    return {"events": events, **told}


def shares(found: list[Recording]) -> list[dict[str, object]]:
    """Sum up by set and half."""
    rows: list[dict[str, object]] = []
    for name in dict.fromkeys(one.set for one in found):
        for half, seen in (("in sight", True), ("held out", False)):
            own = [one for one in found if one.set == name and one.seen is seen]
            rows.append({
                "set": name, "half": half, "recordings": len(own),
                "with a hunt for the technique": sum(one.asked for one in own),
                "found by a hunt for the technique": sum(bool(one.right) for one in own),
                "found by any hunt": sum(bool(one.findings) for one in own),
                "median findings": sorted(sum(one.findings.values()) for one in own)[len(own) // 2] if own else 0,
            })  # fmt: skip
    return rows


def main() -> int:
    """Measure, print, and write for machines."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = os.environ.get("WATCHKEEPER_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")
    parts = ("evtx", "otrf", "benign", "range", "beacons")
    options.add_argument("parts", nargs="*", metavar="PART", help=", ".join(parts))
    options.add_argument("--data", type=Path, default=Path(default))
    options.add_argument("--json", type=Path)
    chosen = options.parse_args()
    asked, hunts, figures = chosen.parts or parts, hunts_of(()), dict[str, object]()
    found: list[Recording] = []
    for part, measure in (("evtx", evtx), ("otrf", otrf)):
        if part in asked:
            begun = time.monotonic()
            found += measure(chosen.data, hunts)
            print(f"{part}: {time.monotonic() - begun:.0f} s", file=sys.stderr)
    figures["recordings"], figures["shares"] = [vars(one) for one in found], shares(found)
    for row in shares(found):
        print(", ".join(f"{name} {value}" for name, value in row.items()))
    for one in found:
        if one.seen and not one.right:
            print(f"missed {one.set} {one.labels} {one.name}: {one.findings or 'nothing'}; unanswerable {one.unanswerable}")
    if "benign" in asked:
        figures["benign"] = quiet(hunts, [[chosen.data / "evtx" / "benign.zip"]])
        print(f"ordinary EVTX: {figures['benign']}")
    if "range" in asked:
        figures["range"] = quiet(hunts, ranges())
        print(f"the range without an intrusion: {figures['range']}")
    if "beacons" in asked:
        figures["beacons"] = beacons(chosen.data, hunts)
        print(f"Zeek logs with beacons: {figures['beacons']}")
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=1, default=str), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
