"""What both lanes cost for each event that arrives: µs of processor time on one core, over every Windows event of the OTRF recordings.

make bench-lanes                                      all of them
python bench/lanes.py [--events N] [--json OUT]       the first N

Bodies hold 2,000 lines each. `hot` is the hot lane as the events come first and as they come again; `left` is what the slow lane needs for
the lines that it leaves, spread over all events; `slow` is the slow lane alone over the first bodies; each with storing.
"""

import argparse
import json
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from sigma_corpus import real

from watchkeeper.ingest.arrival import SlowLane
from watchkeeper.ingest.arrived_lines import Line
from watchkeeper.ingest.hot import HotLane
from watchkeeper.model.batch import Batch
from watchkeeper.model.received import Received
from watchkeeper.model.sender import Sender
from watchkeeper.schema import stored

LINES = 2_000
SLOW_BODIES = 5
SENDER = Sender(id="0123456789abcdef" * 2, tenant="default", name="bench")
CAME = 1_767_323_045_000_000


def bodies(path: Path, events: int) -> Iterator[Received]:
    """Yield the corpus as it would arrive."""
    with path.open("rb") as lines:
        wanted = islice(lines, events)
        while some := list(islice(wanted, LINES)):
            yield Received(SENDER, "bulk", "127.0.0.1", CAME, b"".join(some), len(some))


def slow(lane: SlowLane, received: Received, number: int, lines: list[Line] | None) -> int:
    """Read and store lines by the slow lane and give how many events came of them."""
    tables = [stored(one, SENDER.tenant, CAME) for one in lane.events(received, number, lines) if isinstance(one, Batch)]
    return sum(table.num_rows for table in tables)


def measured(path: Path, events: int) -> dict[str, float]:
    """Give µs an event of each part, and the share of lines that the hot lane takes."""
    hot, rest = HotLane(), SlowLane()
    hot.events(next(bodies(path, LINES)), 0)  # compiled once for a machine
    hot = HotLane()
    seconds = dict.fromkeys(("first", "again", "left", "slow"), 0.0)
    seen = taken = slowly = 0
    for number, received in enumerate(bodies(path, events)):
        begun = time.process_time()
        table, left = hot.events(received, number)
        first = time.process_time()
        hot.events(received, number)
        again = time.process_time()
        kept = slow(rest, received, number, left)
        last = time.process_time()
        if table.num_rows + kept < received.records:
            raise ValueError(f"body {number}: {received.records - table.num_rows - kept:,} lines became no event")
        for name, one in zip(("first", "again", "left"), (first - begun, again - first, last - again), strict=True):
            seconds[name] += one
        seen, taken = seen + received.records, taken + table.num_rows
        if number < SLOW_BODIES:
            slowly += slow(rest, received, number, None)
            seconds["slow"] += time.process_time() - last
    of = {"first": seen, "again": seen, "left": seen, "slow": slowly}
    return {"events": seen, "taken": taken / seen, **{name: 1e6 * total / of[name] for name, total in seconds.items()}}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What both lanes cost for each event that arrives.")
    parser.add_argument("--events", type=int, default=1 << 40)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    found = measured(real(), asked.events)
    print(f"{found['events']:,.0f} events, of which the hot lane takes {found['taken']:.2%}")
    for name, what in (
        ("first", "hot, first seen"),
        ("again", "hot, seen before"),
        ("left", "slow, for what is left"),
        ("slow", "slow alone"),
    ):
        print(f"{what:24}{found[name]:8.2f} µs an event")
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=2), "utf-8")


if __name__ == "__main__":
    main()
