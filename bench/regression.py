"""SigmaHQ's regression cases: does the right rule fire, as often as it should? Prints the misses and the count.

make bench-regression
python bench/regression.py [--data DATA] [--json OUT], where DATA is the folder that holds `sigma/` (default $WATCHKEEPER_DATA)
"""

import argparse
import json
import os
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from watchkeeper.detection import Detector, load_rules
from watchkeeper.ingest import read
from watchkeeper.model.batch import Batch


@dataclass(frozen=True)
class Case:
    """One recording and the rule that must fire on it."""

    rule: str
    """Id of the rule."""
    evtx: Path
    count: int | None
    """How often it must fire; none means at least once."""

    def passes(self, fired: int) -> bool:
        """Say whether that many signals of the rule are right."""
        return fired >= 1 if self.count is None else fired == self.count


def cases(archive: Path, folder: Path) -> Iterator[Case]:
    """Unpack the archive and yield its cases."""
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder)
    for info in sorted(folder.rglob("info.yml")):
        parsed: dict[str, Any] = yaml.safe_load(info.read_text("utf-8"))
        for test in parsed["regression_tests_info"]:
            count = test.get("match_count")
            yield Case(parsed["rule_metadata"][0]["id"], info.parent / Path(test["path"]).name, None if count is None else int(count))


def fired(detector: Detector, evtx: Path) -> Counter[str]:
    """Count the signals of each rule on one recording."""
    batches = (one for one in read([evtx]) if isinstance(one, Batch))
    return Counter(rule for batch in batches for rule in detector.signals(batch).column("rule").to_pylist())


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = os.environ.get("WATCHKEEPER_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")
    options.add_argument("--data", type=Path, default=Path(default))
    options.add_argument("--json", type=Path, help="write every figure there")
    chosen = options.parse_args()
    data: Path = chosen.data / "sigma"
    detector = Detector(load_rules([data / "sigma_all_rules.zip"]))
    results: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder:
        for case in cases(data / "regression_data.zip", Path(folder)):
            count = fired(detector, case.evtx)[case.rule]
            name = str(case.evtx.relative_to(folder))
            results.append({"case": name, "rule": case.rule, "signals": count, "expected": case.count, "passed": case.passes(count)})
            if not case.passes(count):
                print(f"missed: {name}: {count} signals of {case.rule}, expected {case.count or 'at least 1'}")
    passed = sum(bool(result["passed"]) for result in results)
    print(f"{passed} of {len(results)} cases fire")
    if chosen.json:
        figures = {"passed": passed, "cases": len(results), "each": results}
        chosen.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    return 0 if passed == len(results) else 1


if __name__ == "__main__":
    sys.exit(main())
