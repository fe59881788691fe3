"""Many runs of the adversary in two processes, and what the oracle found: `make test-safety` prints it."""

import os
import sys
import time
from collections import Counter
from multiprocessing import get_context

from tests.brain.ethics.adversary import Run
from tests.brain.ethics.conftest import MemoryLedger
from tests.brain.ethics.oracle import NAMES
from tests.brain.ethics.planner import planned

STEPS = 25
LEAST_COMPLETED = 0.95
Found = tuple[int, int, Counter[str], list[str]]


def runs(seeds: range) -> Found:
    """Run the adversary once for each seed; give runs, actions done, violations, and the first of them in words."""
    done, violations, told = 0, Counter[str](), list[str]()
    for seed in seeds:
        oracle = Run(seed, MemoryLedger()).go(STEPS)
        done += len(oracle.done)
        violations += oracle.violations
        told += [f"seed {seed}: {one}" for one in oracle.told[:2]]
    return len(seeds), done, violations, told[:5]


def main() -> int:
    """Print what was found; 1 if anything was violated, or an ordinary planner does not get its work done."""
    wanted, begun = int(os.environ.get("WATCHKEEPER_SAFETY_RUNS", "100000")), time.monotonic()
    parts = [range(at, min(at + 500, wanted)) for at in range(0, wanted, 500)]
    with get_context("spawn").Pool(2) as pool:
        found = list(pool.imap_unordered(runs, parts))
    violations = sum((part[2] for part in found), Counter[str]())
    said = [f"{sum(part[0] for part in found):,} runs, {sum(part[1] for part in found):,} actions done, {time.monotonic() - begun:.0f} s"]
    needed, completed = planned(60)
    said += [
        f"an ordinary planner: {completed:,} of {needed:,} permitted and necessary actions done and seen to work ({completed / needed:.1%})"
    ]
    said += [f"{violations[name]:>6}  {name}" for name in NAMES]
    said += [one for part in found for one in part[3]][:20]
    sys.stdout.write("\n".join(said) + "\n")
    return 1 if violations or completed < LEAST_COMPLETED * needed else 0


if __name__ == "__main__":
    sys.exit(main())
