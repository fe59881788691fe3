"""Speed of the reference evaluator: events a second of processor time, reading left out, and which rules fired.

Run: python bench/detection.py RULES LOG [LOG ...]
"""

import sys
import time
from collections import Counter
from pathlib import Path

from watchkeeper.detection import Detector, load_rules
from watchkeeper.ingest import read
from watchkeeper.model.batch import Batch


def main() -> int:
    rules, *logs = map(Path, sys.argv[1:])
    start = time.process_time()
    ruleset = load_rules([rules])
    loaded = time.process_time()
    print(f"{len(ruleset.rules):,} rules in {loaded - start:.1f} s, {len(ruleset.problems)} problems")
    detector = Detector(ruleset)
    events, seconds, fired = 0, 0.0, Counter[str]()
    for batch in (one for one in read(logs) if isinstance(one, Batch)):
        before = time.process_time()
        signals = detector.signals(batch)
        seconds += time.process_time() - before
        events += batch.table.num_rows
        fired.update(signals.column("title").to_pylist())
    print(f"{events:,} events in {seconds:.1f} s: {events / seconds:,.0f} a second; {fired.total():,} signals of {len(fired)} rules")
    for title, count in fired.most_common(10):
        print(f"{count:8,} {title}")
    for problem in detector.problems:
        print(problem)
    return 0


if __name__ == "__main__":
    sys.exit(main())
