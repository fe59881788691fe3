"""The platform's work from a file, for `bench-platform`: the same bodies, lanes, rules and lake; no network, no journal. One process."""

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from platform_load import bodies
from sigma_corpus import RULES

from watchkeeper.autopilot.options import Options
from watchkeeper.autopilot.share import COMMIT_ROWS
from watchkeeper.autopilot.streaming import Stream, Taken
from watchkeeper.lake import EventTable
from watchkeeper.model.received import Received
from watchkeeper.model.sender import Sender


def main() -> None:
    """Run: folder of a table, name of the worker, megabytes, passes; one line of JSON out. The first pass, which compiles, is left out."""
    folder, name, megabytes, passes = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    stream, table = Stream(Options(paths=(), rules=(RULES,), own_rules=False)), EventTable(folder)
    looked = _counted(stream)
    sender = Sender(id=name.rjust(32, "0"), tenant="default", name=name)
    made, taken, sequence, events, began = bodies(megabytes), Taken(), 0, 0, 0.0
    for turn in range(passes + 1):
        if turn == 1:
            print("ready", flush=True)
            sys.stdin.readline()
            events, began, cpu = 0, time.perf_counter(), time.process_time()
            looked[:] = 0
        for number, body in enumerate(made):
            sequence += 1
            data = body.rewritten(turn, turn * len(made) + number, time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()).encode())
            documents = b"\n".join(bytes(data).split(b"\n")[1::2]) + b"\n"
            stream.take(Received(sender, "bulk", "", time.time_ns() // 1000, documents, body.events), sequence, taken)
            events += body.events
            if taken.rows >= COMMIT_ROWS:
                taken = _committed(stream, table, taken, (name, sequence))
    _committed(stream, table, taken, (name, sequence))
    wall, used = time.perf_counter() - began, time.process_time() - cpu
    print(json.dumps({"events": events, "wall": wall, "cpu": used, "new_share": float(looked[1] / looked[0])}), flush=True)


def _counted(stream: Stream) -> NDArray[np.int64]:
    """Count how many values of events the rules look at, and how many of them were not seen before."""
    lines, looked = stream._sieve._fused, np.zeros(2, np.int64)
    settled = lines._settled  # type: ignore[union-attr]

    def counting(state: NDArray[np.int64]) -> Any:
        looked[:] += state[3:5]
        return settled(state)

    lines._settled = counting  # type: ignore[union-attr]
    return looked


def _committed(stream: Stream, table: EventTable, taken: Taken, at: tuple[str, int]) -> Taken:
    stream.settle(taken)
    if taken.events:
        table.append(pa.concat_tables(taken.events), *at)
    return Taken()


if __name__ == "__main__":
    main()
