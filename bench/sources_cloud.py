"""Clouds and services: which attack techniques on AWS are found, and what fires on 1,544 events that other rules must or must not alert on.

make bench-sources, or alone: python bench/sources_cloud.py [--data DATA] [--json OUT], where DATA is the folder that holds `sources/`,
`sigma/` and `otrf/` (default $WATCHKEEPER_DATA or ../shared/data). Rules are SigmaHQ's and ours.
"""

import argparse
import json
import os
import sys
import tempfile
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pyarrow as pa

from watchkeeper.attack import current_id, parent
from watchkeeper.content import folder
from watchkeeper.detection import Detector, load_rules
from watchkeeper.ingest import read
from watchkeeper.model.batch import Batch
from watchkeeper.model.sourceread import SourceRead

TECHNIQUES = {
    "ec2-get-password-data": ("T1552", "T1555"),
    "secretsmanager-batch-retrieve-secrets": ("T1555.006",),
    "secretsmanager-retrieve-secrets": ("T1555.006",),
    "cloudtrail-event-selectors": ("T1562.008",),
    "dns-delete-logs": ("T1562.008",),
    "vpc-remove-flow-logs": ("T1562.008",),
    "ec2-share-ami": ("T1537",),
    "console-login-without-mfa": ("T1078.004",),
    "ec2-serial-console-send-ssh-public-key": ("T1021.008",),
    "iam-backdoor-role": ("T1098",),
    "iam-create-admin-user": ("T1136.003",),
    "iam-create-user-login-profile": ("T1098",),
    "iam-update-user-login-profile": ("T1098",),
    "lambda-backdoor-function": ("T1098",),
    "lambda-layer-extension": ("T1546",),
    "sts-federation-token": ("T1550.001",),
}
"""What each attack does, by its name without platform and tactic; an attack that is not here counts as not found."""
SETS = {"SigmaHQ": ("sigmahq",), "ours": ("ours",), "both": ("sigmahq", "ours"), "alerts of products": ("products",)}
"""What is counted: the sets of rules, alone and together, and the alerts of other products, which are signals without any rule."""
Fired = dict[str, list[tuple[str, str, tuple[str, ...], str]]]
"""Set of rules, or `products`, to what fired: title, level, techniques, source."""


@dataclass
class Whole:
    """What reading some files gave."""

    batches: list[Batch] = field(default_factory=list[Batch])
    reads: list[SourceRead] = field(default_factory=list[SourceRead])

    @property
    def events(self) -> int:
        """Events over all files."""
        return sum(one.events for one in self.reads if not one.is_unknown)

    @property
    def skipped(self) -> Counter[str]:
        """Records skipped, by reason."""
        return sum((Counter(one.skipped) for one in self.reads), Counter[str]())


def whole(paths: Sequence[Path]) -> Whole:
    """Read files to the end."""
    found = Whole()
    for item in read(paths):
        if isinstance(item, Batch):
            found.batches.append(item)
        else:
            found.reads.append(item)
    return found


def fired(batches: Sequence[Batch], detectors: Mapping[str, Detector]) -> Fired:
    """Run every set of rules over the batches; what other products' alerts say is told apart."""
    found: Fired = defaultdict(list)
    alerts = [batch for batch in batches if batch.logsource.service == "alerts"]
    events = [batch for batch in batches if batch.logsource.service != "alerts"]
    for name, detector in detectors.items():
        for signals in [*map(detector.signals, events), detector.finish()]:
            found[name].extend(_signals(signals))
    for batch in alerts:
        found["products"].extend(_signals(next(iter(detectors.values())).signals(batch)))
    return found


def _signals(table: pa.Table) -> Iterator[tuple[str, str, tuple[str, ...], str]]:
    columns = [table.column(one).to_pylist() for one in ("title", "level", "techniques", "source")]
    return ((title, level, tuple(tags), source) for title, level, tags, source in zip(*columns, strict=True))


def family(technique: str) -> set[str]:
    """The technique and its parent, by the ids of today too."""
    today = current_id(technique)
    return {technique.partition(".")[0], parent(today) or today}


@dataclass(frozen=True)
class Attack:
    """One recording of an attack on AWS."""

    events: int
    skipped: dict[str, int]
    found: dict[str, bool]
    """Whether a signal carries its technique, for each combination of sets of rules."""
    signals: dict[str, dict[str, int]]
    """Set of rules to title to signals."""


def stratus(data: Path, detectors: Mapping[str, Detector]) -> dict[str, Attack]:
    """Say for each recording of an AWS attack whether its technique is found."""
    rows: dict[str, Attack] = {}
    for name, path in members(data / "sources" / "stratus-cloudtrail.zip", ".json"):
        attack = name.removesuffix(".json").rpartition(".")[2]
        wanted = {one for technique in TECHNIQUES.get(attack, ()) for one in family(technique)}
        recording = whole([path])
        titles = fired(recording.batches, detectors)
        hit = {
            label: any(family(technique) & wanted for rules in sets for _, _, tags, _ in titles[rules] for technique in tags)
            for label, sets in SETS.items()
        }
        rows[name] = Attack(recording.events, dict(recording.skipped), hit, _titles(titles))
    for label in list(SETS)[:3]:
        count = sum(row.found[label] for row in rows.values())
        print(f"stratus  {label:8} technique found in {count}/{len(rows)} recordings ({count / len(rows):.0%})")
    for name, row in rows.items():
        if not row.found["both"]:
            print(f"stratus  not found: {name}, signals: {row.signals}")
    return rows


def _titles(titles: Fired) -> dict[str, dict[str, int]]:
    return {name: dict(Counter(title for title, _, _, _ in found)) for name, found in titles.items()}


def members(archive: Path, ending: str) -> Iterator[tuple[str, Path]]:
    """Yield name and path of each file of an archive with that ending, unpacked one at a time."""
    with zipfile.ZipFile(archive) as packed, tempfile.TemporaryDirectory() as scratch:
        for name in sorted(packed.namelist()):
            if name.endswith(ending):
                path = Path(scratch) / Path(name).name
                path.write_bytes(packed.read(name))
                yield path.name, path
                path.unlink()


def panther(data: Path, detectors: Mapping[str, Detector]) -> dict[str, object]:
    """Say how many events each kind of log gives, how many are read, and on how many of either sort something fires."""
    with zipfile.ZipFile(data / "sources" / "panther-events.zip") as archive:
        events = [json.loads(line) for line in archive.read("events.jsonl").splitlines()]
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    ours: Counter[tuple[str, str]] = Counter()
    with tempfile.TemporaryDirectory() as scratch:
        for number, one in enumerate(events):
            sort = "positive" if one["expected"] else "negative"
            kind = kinds[_kind(one["log_types"])]
            kind[sort] += 1
            if one["event"] is None:
                continue
            path = Path(scratch) / f"{number}.json"
            path.write_text(json.dumps(one["event"]) + "\n", "utf-8")
            found = whole([path])
            kind["read"] += found.events > 0
            titles = fired(found.batches, detectors)
            for label, sets in SETS.items():
                kind[f"{label} {sort}"] += any(titles[rules] for rules in sets)
            ours.update({(title, sort) for title, _, _, _ in titles["ours"]})
            path.unlink()
    return _told(kinds, ours)


def _kind(log_types: Sequence[str] | None) -> str:
    return "none said" if not log_types else log_types[0] if len(log_types) == 1 else f"{log_types[0]} and others"


def _told(kinds: Mapping[str, Counter[str]], ours: Counter[tuple[str, str]]) -> dict[str, object]:
    total = sum(kinds.values(), Counter[str]())
    for name, kind in [("all", total), *sorted(kinds.items(), key=lambda item: -item[1]["positive"] - item[1]["negative"])]:
        count = kind["positive"] + kind["negative"]
        alerts = "; ".join(
            f"{label} {kind[f'{label} positive']}/{kind['positive']} and {kind[f'{label} negative']}/{kind['negative']}" for label in SETS
        )
        if name == "all" or any(kind[f"{label} {sort}"] for label in SETS for sort in ("positive", "negative")):
            print(f"panther  {name}: {kind['read']}/{count} read; alerts on positives and negatives: {alerts}")
    unread = {name: kind["positive"] + kind["negative"] - kind["read"] for name, kind in kinds.items()}
    print("panther  not read: " + ", ".join(f"{name} {count}" for name, count in sorted(unread.items(), key=lambda one: -one[1]) if count))
    for title in sorted({title for title, _ in ours}):
        print(f"panther  ours: {title}: {ours[title, 'positive']} positives, {ours[title, 'negative']} negatives")
    return {
        "kinds": {name: dict(kind) for name, kind in kinds.items()},
        "ours": {f"{title} ({sort})": n for (title, sort), n in ours.items()},
    }


def otrf(data: Path) -> dict[str, object]:
    """Say how many records of the cross-source cases are read and how many skipped."""
    told: dict[str, object] = {}
    for case in ("Log4Shell", "GoldenSAMLADFSMailAccess"):
        for one in whole([data / "otrf" / "compound" / case]).reads:
            told[one.source] = {"reader": one.reader, "events": one.events, "skipped": dict(one.skipped), "error": one.error}
            print(f"otrf     {one.source}: {one.events:,} events by {one.reader or 'nobody'}, skipped {dict(one.skipped)} {one.error}")
    return told


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = os.environ.get("WATCHKEEPER_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")
    options.add_argument("--data", type=Path, default=Path(default))
    options.add_argument("--json", type=Path)
    chosen = options.parse_args()
    sets = {"sigmahq": chosen.data / "sigma" / "sigma_all_rules.zip", "ours": folder("rules")}
    detectors = {name: Detector(load_rules([path])) for name, path in sets.items()}
    attacks = {name: asdict(row) for name, row in stratus(chosen.data, detectors).items()}
    figures = {"stratus": attacks, "panther": panther(chosen.data, detectors), "otrf": otrf(chosen.data)}
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=1), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
