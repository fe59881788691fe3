"""Tracing among a million events: the campaigns together, again and again a month later on other hosts, until there are so many.

Seconds an incident are those of `tracing.trace` on the kept events of that case, called once for every incident that the flow takes.
"""

import re
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
from tracing_case import investigated

from watchkeeper.autopilot.investigation import MOST_TRACED
from watchkeeper.lake import Kept
from watchkeeper.model.incident import Incident
from watchkeeper.tracing import trace

EVENTS = 1_000_000
APART = timedelta(days=30)
_HOST = re.compile(rb"(?i)\b(MKT01|ACCT01|PRD01|IT01|DC01)\b")
_DAY = re.compile(rb"\b(2023)-(\d\d)-(\d\d)(?=[T ])")
_EPOCH = re.compile(rb"(?m)^(\d{10})(?=\.\d+\t)")
_HEADER = b"#"


def timed(campaigns: Path, least: int, *more: str) -> dict[str, Any]:
    """Run the product over at least so many events and time its tracing."""
    with tempfile.TemporaryDirectory() as folder:
        evidence = Path(folder) / "evidence"
        made = replicated(campaigns, evidence, least)
        case = investigated(evidence, Path(folder), "--keep", "all", *more)
        seconds = list(_traced(case.folder, [Incident.model_validate(one) for one in case.incidents[:MOST_TRACED]]))
        return {
            "events": made,
            "incidents": len(case.incidents),
            "run_seconds": case.seconds,
            "trace_seconds": [round(one, 2) for one in seconds],
            "worst_trace_seconds": round(max(seconds, default=0.0), 2),
            "nodes": [len(one["trace"]["nodes"]) if one["trace"] else 0 for one in case.incidents[:MOST_TRACED]],
        }


def _traced(case: Path, incidents: list[Incident]) -> Iterator[float]:
    signals = pq.read_table(case / "signals.parquet")
    with closing(Kept(case / "events")) as kept:
        for incident in incidents:
            own = signals.filter(pc.equal(signals.column("incident"), incident.id))
            began = time.perf_counter()
            trace(incident, own, kept.search)
            yield time.perf_counter() - began


def replicated(campaigns: Path, out: Path, least: int) -> int:
    """Write the campaigns' logs again and again until there are so many records, and say how many there are."""
    archives = [zipfile.ZipFile(path) for path in sorted(campaigns.glob("LSASS_*/*.zip"))]
    count = turn = 0
    while count < least:
        for archive in archives:
            for name in archive.namelist():
                count += _write(archive.read(name), out / f"turn{turn}" / Path(str(archive.filename)).stem / Path(name).name, turn)
        turn += 1
    return count


def _write(data: bytes, path: Path, turn: int) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(moved(data, turn))
    return sum(1 for line in data.splitlines() if line and not line.startswith(_HEADER))


def moved(data: bytes, turn: int) -> bytes:
    """Give the text of a log as other hosts would have written it so many months later."""
    if not turn:
        return data
    data = _HOST.sub(rb"\1x%d" % turn, data)
    data = _DAY.sub(lambda found: _later(found, turn), data)
    return _EPOCH.sub(lambda found: b"%d" % (int(found[1]) + int(APART.total_seconds()) * turn), data)


def _later(found: re.Match[bytes], turn: int) -> bytes:
    day = datetime(int(found[1]), int(found[2]), int(found[3]), tzinfo=UTC) + APART * turn
    return day.strftime("%Y-%m-%d").encode()
