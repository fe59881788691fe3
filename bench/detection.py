"""Speed of detection on batches: events a second of processor time, reading left out, and which rules fired.

make bench-detection                                          SigmaHQ's rules over the recorded campaigns
python bench/detection.py --rules RULES [--json OUT] LOG ...  other rules, other logs
"""

import argparse
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from watchkeeper.detection import Detector, load_rules
from watchkeeper.detection.sigma.kept import Kept
from watchkeeper.ingest import read
from watchkeeper.model.batch import Batch

DATA = Path(os.environ.get("WATCHKEEPER_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))


def measured(rules: Path, logs: Sequence[Path]) -> dict[str, object]:
    """Load the rules, run them over every log, and time both."""
    start = time.process_time()
    ruleset = load_rules([rules], Kept(None))  # nothing kept, so that the figure means the same each time; see start.py
    loaded = time.process_time() - start
    detector = Detector(ruleset)
    events, seconds, fired = 0, 0.0, Counter[str]()
    for batch in (one for one in read(logs) if isinstance(one, Batch)):
        before = time.process_time()
        signals = detector.signals(batch)
        seconds += time.process_time() - before
        events += batch.table.num_rows
        fired.update(signals.column("title").to_pylist())
    fired.update(detector.finish().column("title").to_pylist())
    return {
        "rules": len(ruleset.rules), "rule_problems": len(ruleset.problems), "load_seconds": round(loaded, 2), "events": events,
        "detect_seconds": round(seconds, 2), "events_per_second": round(events / seconds) if seconds else None,
        "signals": fired.total(), "fired": dict(fired.most_common()), "problems": list(detector.problems),
    }  # fmt: skip


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("logs", type=Path, nargs="*", default=[DATA / "otrf" / "compound"])
    options.add_argument("--rules", type=Path, default=DATA / "sigma" / "sigma_all_rules.zip")
    options.add_argument("--json", type=Path, help="write every figure there")
    chosen = options.parse_args()
    figures = measured(chosen.rules, chosen.logs)
    print(json.dumps(figures, indent=1, ensure_ascii=False))
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
