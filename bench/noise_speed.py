"""How fast alerts are read and correlated, beside reading the same CSV alone. Owns the clock; memory stands in `noise_memory.py`.

All in processor seconds of one process, each testbed after the other, every stage in turn. csv: Python's `csv.reader` over the same file,
rows counted and thrown away. reader: our reader alone, to batches. signals: reader and the step from batches to signals. correlate: from
signals to incidents, nothing read. whole: signals and correlate together, which is what a person waits for. Ratios are alerts a second of
the one over those of the other.
"""

import csv
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import pyarrow as pa
from noise_alerts import correlated, signals_of, unpacked

from watchkeeper.correlation import Tuning
from watchkeeper.ingest import read
from watchkeeper.model.batch import Batch

MAPPING = "ait-ads"
Given = TypeVar("Given")


def speed(only: str | None) -> dict[str, Any]:
    """Give seconds, alerts a second and ratios, of the testbeds together."""
    pa.set_cpu_count(1)
    seconds = dict.fromkeys(("csv", "reader", "signals", "correlate"), 0.0)
    alerts = 0
    with TemporaryDirectory(prefix="watchkeeper-bench-") as folder:
        for path in unpacked(Path(folder), only):
            alerts += _timed(path, seconds)
            path.unlink()
    return {"alerts": alerts, **ratios(alerts, seconds | {"whole": seconds["signals"] + seconds["correlate"]})}


def _timed(path: Path, seconds: dict[str, float]) -> int:
    """Add the seconds of each stage over one file; give its alerts."""
    rows, spent = _clocked(lambda: _rows(path))
    seconds["csv"] += spent
    _, spent = _clocked(lambda: sum(item.table.num_rows for item in read([path], mapping=MAPPING) if isinstance(item, Batch)))
    seconds["reader"] += spent
    signals, spent = _clocked(lambda: signals_of(path, MAPPING))
    seconds["signals"] += spent
    _, spent = _clocked(lambda: correlated(signals, Tuning()))
    seconds["correlate"] += spent
    return rows


def _rows(path: Path) -> int:
    with path.open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.reader(file)) - 1


def _clocked(work: Callable[[], Given]) -> tuple[Given, float]:
    began = time.process_time()
    given = work()
    return given, time.process_time() - began


def ratios(alerts: int, seconds: dict[str, float]) -> dict[str, Any]:
    """Give what follows from the seconds of each stage."""
    of = {f"{one} / {other}": round(seconds[other] / seconds[one], 3) for one in ("correlate", "whole") for other in ("csv", "reader")}
    return {
        "seconds": {name: round(spent, 2) for name, spent in seconds.items()},
        "alerts_per_second": {name: round(alerts / spent) for name, spent in seconds.items()},
        "ratios": of,
    }
