"""EVTX with all rules beside the bare parser, in a process of its own: takes a task as JSON, prints what it measured as JSON.

Ours is what `watchkeeper detect` does with the files, correlating and counting included; loading the rules is timed by itself. There are
few files, so that compiling rules for their kinds of events weighs much: the same files thrice say what one more time costs.
"""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from evtx import PyEvtxParser
from sigma_measure import Clock

from watchkeeper.autopilot import Options, examine
from watchkeeper.detection import load_rules


def measured(folder: str, rules: str, rounds: int) -> list[dict[str, Any]]:
    """Read every file with the bare parser, load the rules, then read and detect, in turn; the first turn is thrown away."""
    files = sorted(Path(folder).iterdir())
    size = sum(file.stat().st_size for file in files)
    turns: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="watchkeeper-bench-") as copies:
        for number in range(3):
            shutil.copytree(folder, Path(copies) / str(number))
        for _ in range(rounds + 1):
            bare, loading, once, thrice = Clock(), Clock(), Clock(), Clock()
            records = sum(bare.run(_records, os.fsencode(file)) for file in files)
            loading.run(lambda path: load_rules([Path(os.fsdecode(path))]), os.fsencode(rules))
            examined = once.run(_examined(rules), os.fsencode(folder))
            thrice.run(_examined(rules), os.fsencode(copies))
            turns.append(
                {"bytes": size, "records": records, "bare": vars(bare), "loading": vars(loading), "once": vars(once),
                 "thrice": vars(thrice), "events": examined.events, "signals": examined.correlated.signals.num_rows}
            )  # fmt: skip
    return turns[1:]


def _examined(rules: str) -> Callable[[bytes], Any]:
    return lambda folder: examine(Options(paths=(Path(os.fsdecode(folder)),), rules=(Path(rules),), own_rules=False))


def _records(path: bytes) -> int:
    records = PyEvtxParser(os.fsdecode(path), number_of_threads=1).records_json()
    count = 0
    while True:
        try:
            next(records)
        except StopIteration:
            return count
        except RuntimeError:  # a damaged record: the parser says so and goes on with the next
            continue
        count += 1


if __name__ == "__main__":
    print(json.dumps(measured(**json.loads(sys.argv[1]))), flush=True)
