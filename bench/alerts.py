"""What an alert in CSV costs from the file to the report, beside reading the same CSV alone.

make bench-alerts                                        one testbed of ait-ads
python bench/alerts.py [--only NAME] [--json OUT]        another one: fox harrison russellmitchell santos

All are processor seconds of one process that keeps to one core, one after the other in the same run, each the median of three but the last.
csv_reader, dict_reader: Python's own, rows counted and thrown away. read: to batches, ids included. signals: read, and batches to signals.
funnel: signals, and signals to incidents. investigate: all that a person waits for, reports and kept events too, once, after a run over a
few alerts has loaded what is loaded once. Ratios are alerts a second beside dict_reader.
"""

import argparse
import csv
import json
import os
import sys
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

os.environ["OMP_NUM_THREADS"] = "1"

import pyarrow as pa
from noise_alerts import correlated, signals_of, unpacked

from watchkeeper.autopilot import Options, investigate
from watchkeeper.correlation import Tuning
from watchkeeper.ingest import read
from watchkeeper.model.batch import Batch

MAPPING, RUNS, FEW = "ait-ads", 3, 2_000


def rows(path: Path) -> int:
    with path.open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.reader(file)) - 1


def dicts(path: Path) -> int:
    with path.open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.DictReader(file))


def events(path: Path) -> int:
    return sum(item.table.num_rows for item in read([path], mapping=MAPPING) if isinstance(item, Batch))


def signals(path: Path) -> int:
    return signals_of(path, MAPPING).num_rows


def funnel(path: Path) -> int:
    return correlated(signals_of(path, MAPPING), Tuning()).signals.num_rows


def case(path: Path) -> int:
    with TemporaryDirectory(prefix="watchkeeper-bench-") as out:
        return investigate(Options(paths=(path,), mapping=MAPPING), Path(out), "en")[0].signals


def seconds(work: Callable[[Path], int], path: Path, alerts: int, runs: int = RUNS) -> float:
    spent: list[float] = []
    for _ in range(runs):
        began = time.process_time()
        found = work(path)
        spent.append(time.process_time() - began)
        if found != alerts:
            raise ValueError(f"{path.name!r}: {found:,} of {alerts:,} alerts came out")
    return median(spent)


def few(path: Path, folder: Path) -> Path:
    taken = folder / "few.csv"
    with path.open("rb") as whole:
        taken.write_bytes(b"".join(islice(whole, FEW + 1)))
    return taken


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--only", default="fox", help="name of a testbed")
    options.add_argument("--json", type=Path, help="write every figure there")
    chosen = options.parse_args()
    pa.set_cpu_count(1)
    with TemporaryDirectory(prefix="watchkeeper-bench-") as folder:
        [path] = unpacked(Path(folder), chosen.only)
        case(few(path, Path(folder)))
        alerts = rows(path)
        stages = {"csv_reader": rows, "dict_reader": dicts, "read": events, "signals": signals, "funnel": funnel}
        spent = {name: seconds(work, path, alerts) for name, work in stages.items()}
        spent["investigate"] = seconds(case, path, alerts, runs=1)
    figures = {
        name: {"microseconds_an_alert": round(one / alerts * 1e6, 2), "beside_dict_reader": round(spent["dict_reader"] / one, 3)}
        for name, one in spent.items()
    }
    print(f"{alerts:,} alerts of {chosen.only}")
    for name, one in figures.items():
        print(f"{one['microseconds_an_alert']:8.2f} µs an alert, {one['beside_dict_reader']:6.3f} x dict_reader  {name}")
    if chosen.json:
        chosen.json.write_text(json.dumps({"testbed": chosen.only, "alerts": alerts, "stages": figures}, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
