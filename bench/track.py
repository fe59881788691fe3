"""Whether an attacker who comes back is found again by what is looked out for, and whether ordinary days and other recordings are not.

Run: python bench/track.py [--seeds N…] [--days N…] [--otrf FOLDER] [--json OUT]

range: each intrusion on one day of a company; then ordinary days of the same company, where every match is false; then a day on which the
attacker comes back with the same infrastructure and tools on other machines, where there should be one, and nothing of the first day is
known but what is looked out for. `hours` and `hosts` as below.
otrf: every zip under a folder as a case of its own; what is looked out for because of each is looked up in what the others observed.
Recordings of one laboratory share machines, accounts and the attacker's server: matches are listed by kind, and whether what is looked out
for is an address of the laboratory. Labels are not read.
"""

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from watchkeeper.autopilot import Options, examine, investigate
from watchkeeper.autopilot.backwards import look_back
from watchkeeper.autopilot.following import followed_of
from watchkeeper.autopilot.standings import keep_seen
from watchkeeper.cyberrange import SCENARIOS, generate
from watchkeeper.detection.intel.known import is_special
from watchkeeper.store import open_store

HOSTS, HOURS = 24, 5
RETURNS = 9
"""So many days later the attacker comes back."""


def range_days(scenario: str, seed: int, ordinary: Sequence[int], place: Path) -> dict[str, Any]:
    """Measure one intrusion."""
    state = place / "state"
    options = _day(scenario, seed, 0, place / "first", state)
    case, _ = investigate(options, place / "case", "en")
    false = [_again(_day("none", seed, later, place / f"ordinary-{later}", state), state) for later in ordinary]
    with closing(open_store(state)) as store:
        watched = Counter(one.entity.kind for one in store.watches())
    values, kinds = _again(_day(scenario, seed, RETURNS, place / "again", state), state)
    return {
        "scenario": scenario,
        "seed": seed,
        "verdicts": [incident.verdict.outcome for incident in case.incidents if incident.verdict],
        "looked out for": dict(watched),
        "ordinary days": len(ordinary),
        "told on ordinary days": [sorted(one) for one, _ in false],
        "re-opened on ordinary days": sum(bool(one) for _, one in false),
        "told when it came back": len(values),
        "re-opened when it came back": bool(kinds),
        "seen again": dict(kinds),
    }


def _day(scenario: str, seed: int, later: int, place: Path, state: Path) -> Options:
    generate(scenario, seed, place, hosts=HOSTS, hours=HOURS, later=later)
    return Options(paths=(place / "evidence",), assets=place / "assets.yml", state=state)


def _again(options: Options, state: Path) -> tuple[set[str], Counter[str]]:
    """Give what a day names of what is looked out for, and the kinds of what re-opens an incident."""
    found = examine(options)
    named = {f"{one.entity.kind} {one.entity.value}" for watches in found.again.by_rule.values() for one in watches}
    seen = keep_seen(found.again, found.correlated.signals, found.case, state, 90)
    return named, Counter(one.entity.kind for standing in seen for one in standing.seen)


def recordings(folder: Path, place: Path) -> dict[str, Any]:
    """Measure matches between recordings."""
    state, cases = place / "state", dict[str, Path]()
    for archive in sorted(folder.rglob("*.zip")):
        cases[archive.stem] = place / archive.stem
        investigate(Options(paths=(archive,), state=state), cases[archive.stem], "en")
        print(archive.stem, file=sys.stderr, flush=True)
    with closing(open_store(state)) as store:
        watches, homes = store.watches(), {case.id: case.out.name for case in store.cases()}
        following = followed_of(watches, store, datetime.now(UTC))
    by_value = {(one[0].entity.kind, one[0].entity.value): {homes[watch.case] for watch in one} for one in following.by_rule.values()}
    found = [
        (match.kind, match.value, Path(match.case).name)
        for match in look_back(list(cases.values()), following.known()).matches
        if Path(match.case).name not in by_value.get((match.indicator["kind"], match.indicator["value"]), set())
    ]
    values = Counter((kind, value) for kind, value, _ in found)
    return {
        "recordings": len(cases),
        "with something looked out for": len({watch.case for watch in watches}),
        "looked out for": dict(Counter(watch.entity.kind for watch in watches)),
        "recordings that another's matches": len({case for _, _, case in found}),
        "matches": [
            {"kind": kind, "value": value, "inside": bool(is_special(kind, value)), "in others": count}
            for (kind, value), count in values.most_common()
        ],
    }


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seeds", type=int, nargs="*", default=[31, 32])
    options.add_argument("--days", type=int, nargs="*", default=[1, 2])
    options.add_argument("--otrf", type=Path)
    options.add_argument("--json", type=Path)
    given = options.parse_args()
    found: dict[str, Any] = {"range": []}
    for scenario in (name for name in SCENARIOS if name != "none"):
        for seed in given.seeds:
            with tempfile.TemporaryDirectory() as place:
                found["range"].append(range_days(scenario, seed, given.days, Path(place)))
            print(json.dumps(found["range"][-1]), flush=True)
    if given.otrf:
        with tempfile.TemporaryDirectory() as place:
            found["otrf"] = recordings(given.otrf, Path(place))
        print(json.dumps(found["otrf"], indent=1))
    if given.json:
        given.json.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
