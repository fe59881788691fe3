"""Peak memory of correlating alerts, and the same figures from outside. Owns the child processes; each figure has one of its own.

The peak is VmHWM of /proc/self/status, the child's own: getrusage would count what the parent held. correlate: signals are read and
correlated. investigate: the whole command, whose case folder `noise_score.py` scores, so that the exam from outside stands beside the one
in process. month: the benign alerts of one testbed's days (as in `noise_multiply.py`) repeated to so many days; no attack is in it, so
every incident is false.
"""

import csv
import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from noise_alerts import MICRO, correlated, labels_of, signals_of, unpacked, windows_of
from noise_multiply import DAY, benign
from noise_score import calibration, scored

from watchkeeper.cli import main as command
from watchkeeper.correlation import Tuning

MAPPING = "ait-ads"
MONTH_OF, MONTH_DAYS = "santos", (5, 30)
Figures = dict[str, Any]


def peak_mib() -> int:
    """Give the most memory this process has held."""
    status = Path("/proc/self/status").read_text("utf-8")
    return next(int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def memory(only: str | None) -> Figures:
    """Give the peak of each testbed, and of a month."""
    with TemporaryDirectory(prefix="watchkeeper-bench-") as folder:
        beds = {path.name.partition("_")[0]: _child("correlate", path) for path in unpacked(Path(folder), only)}
        return beds | {f"{days} days": _child("correlate", month(Path(folder), days)) for days in MONTH_DAYS}


def cases(only: str | None, expected: Figures) -> Figures:
    """Give each testbed's figures from outside, and whether they agree with those computed in process."""
    with TemporaryDirectory(prefix="watchkeeper-bench-") as folder:
        found = {path.name.partition("_")[0]: _case(path) for path in unpacked(Path(folder), only)}
    pairs = [pair for figures in found.values() for pair in figures.pop("chances")]
    for name, figures in found.items():
        shared = {field for field in figures if field in expected.get(name, {})}
        figures["differs"] = sorted(field for field in shared if figures[field] != expected[name][field])
    return found | {"calibration": calibration(pairs)}


def _case(path: Path) -> Figures:
    peak = _child("investigate", path)
    return peak | scored(path.with_suffix(".case"), path)


def _child(what: str, path: Path) -> Figures:
    done = subprocess.run([sys.executable, __file__, what, str(path)], check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def month(folder: Path, days: int) -> Path:
    """Write a CSV of so many days: each full day's benign alerts in turn, again and again, moved by whole days."""
    (source,) = unpacked(folder, MONTH_OF)
    labels = labels_of(source)
    fit = benign(labels, windows_of(MONTH_OF))
    with source.open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    kept = sorted((time // DAY, float(row[0]), row[1:]) for time, row, ok in zip(labels.times.tolist(), rows, fit, strict=True) if ok)
    path = folder / f"{days}_alerts.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(head)
        out.writerows(_repeated(kept, days))
    return path


def _repeated(rows: list[tuple[int, float, list[str]]], days: int) -> Iterable[list[str]]:
    seconds = DAY // MICRO
    first, *_ = sources = sorted({day for day, *_ in rows})
    by_day = {day: [(time, rest) for own, time, rest in rows if own == day] for day in sources}
    for at in range(days):
        source = sources[at % len(sources)]
        move = (first + at - source) * seconds
        yield from ([str(int(time + move)), *rest] for time, rest in by_day[source])


def _correlate(path: Path) -> Figures:
    before = peak_mib()
    signals = signals_of(path, MAPPING)
    read = peak_mib()
    got = correlated(signals, Tuning())
    days = len({session.start.date() for session in got.sessions if session.start})
    return {
        "alerts": signals.num_rows, "sessions": len(got.sessions), "shown": sum(session.shown for session in got.sessions),
        "incidents": len(got.incidents), "days": days, "imports_mib": before, "read_mib": read, "peak_mib": peak_mib(),
    }  # fmt: skip


def _investigate(path: Path) -> Figures:
    places = ["--out", str(path.with_suffix(".case")), "--state", str(path.with_suffix(".state"))]
    sys.argv = ["watchkeeper", "investigate", str(path), "--mapping", MAPPING, *places]
    began = datetime.now(UTC)
    try:
        command()
    except SystemExit as ended:
        if ended.code:
            raise
    return {"investigate_seconds": round((datetime.now(UTC) - began).total_seconds(), 1), "investigate_peak_mib": peak_mib()}


CHILDREN: dict[str, Callable[[Path], Figures]] = {"correlate": _correlate, "investigate": _investigate}

if __name__ == "__main__":
    print(json.dumps(CHILDREN[sys.argv[1]](Path(sys.argv[2]))))
