"""The lake: what keeping an event costs, and how long questions take.

make bench-lake [JSON=out.json]                    twenty million events
python bench/lake.py --events 2000000 [--json OUT] fewer

Events are those of `lake_rows`. They are kept in commits of 100,000, asked, joined by upkeep, and asked again; files are in the page cache
as far as it reaches, and each question is asked ROUNDS times, of which the first (cold) and the median are told; the process that answers
has started by then. Written under a folder that is removed again: BYTES an event at most, for files that were joined stay beside the new
ones for an hour. It says so and stops where the disk has less.
"""

import argparse
import json
import os
import shutil
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
from lake_rows import ADDRESSES, BEGAN, HOSTS, address, commits, host, real
from resident import peak_rss
from sigma_corpus import real as recordings

from watchkeeper.lake import EventTable, Limits, Questions, StoredEvents, Upkeep

EACH, SPAN, ROUNDS, KINDS, BYTES = 100_000, timedelta(days=2), 5, 100_000, 700


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--events", type=int, default=20_000_000)
    options.add_argument("--json", type=Path, help="write every figure there")
    asked = options.parse_args()
    pa.set_cpu_count(1)
    with TemporaryDirectory(prefix="bench-lake-") as folder:
        free = shutil.disk_usage(folder).free
        if free < asked.events * BYTES:
            sys.exit(f"{folder} has {free >> 30} GB free, and {asked.events * BYTES >> 30} GB may be written; ask for fewer --events")
        figures = _measured(Path(folder), asked.events)
    for name, figure in figures.items():
        print(f"{name:42} {figure}")
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")


def _measured(folder: Path, events: int) -> dict[str, Any]:
    figures: dict[str, Any] = {"events": events, "load before": round(os.getloadavg()[0], 1)}
    figures |= _kept(folder, events)
    figures |= {f"{name}, as it came": told for name, told in _asked(folder).items()}
    began = time.perf_counter()
    done = Upkeep(folder, settled_seconds=0).upkeep(datetime.now(UTC), seconds=3_600)
    figures |= {"joining s": round(time.perf_counter() - began, 1), "files joined": done.joined, "files made": done.made}
    figures |= {f"{name}, joined": told for name, told in _asked(folder).items()}
    return figures | {"peak RSS MB": peak_rss() >> 20}


def _kept(folder: Path, events: int) -> dict[str, Any]:
    table, walls, spent, size = EventTable(folder), list[float](), 0.0, 0
    base = real(recordings(), KINDS)
    for number, rows in enumerate(commits(base, events, EACH, SPAN)):
        began, busy = time.perf_counter(), time.process_time()
        size += table.append(rows, "bench", number)
        walls.append(time.perf_counter() - began)
        spent += time.process_time() - busy
        print(f"\r{(number + 1) * EACH:,}", end="", file=sys.stderr, flush=True)
    p50, p99 = np.percentile(walls, (50, 99))
    told = {"commit p50 ms": round(p50 * 1e3), "commit p99 ms": round(p99 * 1e3)}
    return {**told, "CPU µs an event": round(spent / events * 1e6, 2), "bytes an event": round(size / events, 1)}


def _asked(folder: Path) -> dict[str, str]:
    questions = Questions(folder)
    draw = np.random.default_rng(11)

    def one(text: str) -> float:
        began = time.perf_counter()
        questions.ask(text, ["default"], Limits(rows=1_000, seconds=600)).answer()
        return time.perf_counter() - began

    def rounds(text: str, *choices: Any) -> str:
        times = [one(text.format(*(choose() for choose in choices))) for _ in range(ROUNDS)]
        return f"first {times[0]:.3f} s, median {sorted(times)[ROUNDS // 2]:.3f} s"

    def any_address() -> str:
        return address(int(draw.integers(ADDRESSES)))

    def any_host() -> str:
        return host(int(draw.integers(HOSTS)))

    start = one("SELECT 1")
    hour = f"{BEGAN + SPAN / 2:%Y-%m-%d %H}"
    stored = StoredEvents(folder, "default", lambda _, text: json.loads(text))
    began = time.perf_counter()
    stored.timeline("address", any_address(), (None, None), 200)
    timeline = time.perf_counter() - began
    found = {
        "equality on an address": rounds("SELECT count(*) FROM events WHERE src_endpoint.ip = '{}'", any_address),
        "an address that is not there": rounds("SELECT count(*) FROM events WHERE src_endpoint.ip = '203.0.113.7'"),
        "equality on a hash": rounds(
            "SELECT count(*) FROM events WHERE list_contains(file.hashes.value, '{}')", lambda: draw.bytes(16).hex()
        ),
        "newest 200 of a host": rounds("SELECT * FROM events WHERE _host = '{}' ORDER BY _time DESC LIMIT 200", any_host),
        "events of a host in an hour": rounds(
            "SELECT count(*) FROM events WHERE _host = '{0}' AND _time BETWEEN '{1}:00' AND '{1}:59:59'",
            any_host,
            lambda: hour,
        ),
        "newest 200 of all": rounds("SELECT * FROM events ORDER BY _time DESC LIMIT 200"),
        "timeline of an address, 200": f"{timeline:.3f} s",
        "the process that answers, to start": f"{start:.3f} s",
    }
    questions.close()
    stored.close()
    return found


if __name__ == "__main__":
    main()
