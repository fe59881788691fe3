"""Peak memory of correlating alerts, and the same figures from outside. Owns the child processes; each figure has one of its own.

The peak is the child's own (`resident.py`). correlate: signals are read and correlated. investigate: the whole command, whose case folder
`noise_score.py` scores, so that the exam from outside stands beside the one in process. stream: a month as it comes (`noise_stream.py`).
"""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from noise_alerts import correlated, signals_of, unpacked
from noise_score import calibration, scored
from noise_stream import MAPPING, MIB, MONTH_DAYS, MONTH_OF, month, streamed
from resident import peak_rss

from watchkeeper.cli import main as command
from watchkeeper.correlation import Tuning

Figures = dict[str, Any]


def memory(only: str | None) -> Figures:
    """Give the peak of each testbed, and of a month."""
    with TemporaryDirectory(prefix="watchkeeper-bench-") as folder:
        beds = {path.name.partition("_")[0]: _child("correlate", path) for path in unpacked(Path(folder), only)}
        return beds | {f"{MONTH_DAYS} days of {MONTH_OF}": _child("stream", month(Path(folder)))}


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


def _correlate(path: Path) -> Figures:
    before = peak_rss() // MIB
    signals = signals_of(path, MAPPING)
    read = peak_rss() // MIB
    correlated(signals, Tuning())
    return {"alerts": signals.num_rows, "imports_mib": before, "read_mib": read, "peak_mib": peak_rss() // MIB}


def _investigate(path: Path) -> Figures:
    places = ["--out", str(path.with_suffix(".case")), "--state", str(path.with_suffix(".state"))]
    sys.argv = ["watchkeeper", "investigate", str(path), "--mapping", MAPPING, *places]
    began = datetime.now(UTC)
    try:
        command()
    except SystemExit as ended:
        if ended.code:
            raise
    return {"investigate_seconds": round((datetime.now(UTC) - began).total_seconds(), 1), "investigate_peak_mib": peak_rss() // MIB}


CHILDREN: dict[str, Callable[[Path], Figures]] = {"correlate": _correlate, "investigate": _investigate, "stream": streamed}

if __name__ == "__main__":
    print(json.dumps(CHILDREN[sys.argv[1]](Path(sys.argv[2]))))
