"""How many recordings of single attack techniques give a signal, and how many the right technique: SigmaHQ's rules, ours, and both.

Run: python bench/techniques.py [--data DATA] [--json OUT], DATA being the folder that holds `evtx/` and `sigma/`
(default $WATCHKEEPER_DATA or ../shared/data). A recording's label is the technique that its folder is named after.
"""

import argparse
import json
import os
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from watchkeeper.attack import current_id, parent
from watchkeeper.content import folder
from watchkeeper.detection import Detector, load_rules
from watchkeeper.ingest import read
from watchkeeper.model.batch import Batch

_LABEL = re.compile(r"/(T\d{4}(?:\.\d{3})?)[^/]*/")


@dataclass
class Recording:
    """One file and what fired on it."""

    source: str
    label: str
    """Technique that its folder is named after; empty if none."""
    events: int = 0
    signals: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Set of rules to title of a rule to its signals."""
    techniques: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Set of rules to the techniques of its signals, as written."""

    def signalled(self, sets: Iterable[str]) -> bool:
        """Say whether any of the sets fires."""
        return any(self.signals[name] for name in sets)

    def labelled_right(self, sets: Iterable[str]) -> bool:
        """Say whether a signal carries the label, its parent, or a technique below it, each by its id today."""
        wanted = family(self.label)
        return any(family(technique) & wanted for name in sets for technique in self.techniques[name])


def family(technique: str) -> set[str]:
    """The technique and its parent; a sub-technique also answers to the parent that its id had when it was written."""
    today = current_id(technique)
    return {technique.partition(".")[0], parent(today) or today}


def recordings(archive: Path, detectors: Mapping[str, Detector]) -> list[Recording]:
    """Run every set of rules over every recording."""
    found: dict[str, Recording] = {}
    for item in read([archive]):
        if isinstance(item, Batch):
            _detect(found, item, detectors)
        else:
            _recording(found, item.source).events = item.events
    return [one for source, one in sorted(found.items()) if source.lower().endswith(".evtx")]


def _recording(found: dict[str, Recording], source: str) -> Recording:
    label = _LABEL.search(source)
    return found.setdefault(source, Recording(source, label[1] if label else ""))


def _detect(found: dict[str, Recording], batch: Batch, detectors: Mapping[str, Detector]) -> None:
    for name, detector in detectors.items():
        signals = detector.signals(batch)
        columns = (signals.column(field).to_pylist() for field in ("source", "title", "techniques"))
        for source, title, techniques in zip(*columns, strict=True):
            one = _recording(found, source)
            one.signals[name][title] += 1
            one.techniques[name].update(techniques)


def summary(found: list[Recording]) -> list[str]:
    """One line a combination of sets of rules."""
    labelled = [one for one in found if one.label]
    lines: list[str] = []
    for title, sets in {"SigmaHQ": ["sigmahq"], "ours": ["ours"], "both": ["sigmahq", "ours"]}.items():
        fired = sum(one.signalled(sets) for one in found)
        right = sum(one.labelled_right(sets) for one in labelled)
        lines.append(
            f"{title:8} {fired}/{len(found)} recordings give a signal ({fired / len(found):.1%}), "
            f"{right}/{len(labelled)} with the labelled technique or its parent ({right / len(labelled):.1%})"
        )
    return lines


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    default = os.environ.get("WATCHKEEPER_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")
    options.add_argument("--data", type=Path, default=Path(default))
    options.add_argument("--json", type=Path)
    chosen = options.parse_args()
    sets = {"sigmahq": chosen.data / "sigma" / "sigma_all_rules.zip", "ours": folder("rules")}
    detectors = {name: Detector(load_rules([path])) for name, path in sets.items()}
    found = recordings(chosen.data / "evtx" / "evtx-to-mitre.zip", detectors)
    print("\n".join(summary(found)))
    for one in found:
        if not one.signalled(detectors):
            print(f"silent   {one.source}")
    for one in found:
        if one.label and one.signalled(detectors) and not one.labelled_right(detectors):
            print(f"other    {one.source}")
    if chosen.json:
        chosen.json.write_text(json.dumps([vars(one) for one in found], indent=1, default=sorted), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
