"""A month of benign days, correlated as alerts come. Owns making it and what memory does on the way.

The benign alerts of one testbed's days (as in `noise_multiply.py`) are repeated, day after day in turn and moved by whole days. What is
settled is counted and let go, as a service would. No attack is in it, so every incident is false; the days are few and come again, which is
easier than real months. State is what another correlator would need to go on.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from noise_alerts import MICRO, labels_of, unpacked, windows_of
from noise_multiply import DAY, benign
from resident import peak_rss, rss

from watchkeeper.baseline import Baseline
from watchkeeper.correlation import Correlator, Knowledge
from watchkeeper.correlation.stream import Settled
from watchkeeper.detection import Detector, RuleSet
from watchkeeper.ingest import read
from watchkeeper.model.asset import Asset
from watchkeeper.model.batch import Batch

MAPPING, MONTH_OF, MONTH_DAYS = "ait-ads", "santos", 30
MIB = 1024 * 1024
MARKS = (5, 15)
"""Days of settled sessions after which memory is looked at, beside the end."""
Row = tuple[int, float, list[str]]


@dataclass
class Counted:
    """What was settled so far."""

    sessions: int = 0
    shown: int = 0
    days: set[date] = field(default_factory=set)
    underway: set[str] = field(default_factory=set)

    def add(self, settled: Settled) -> None:
        """Count what was settled; an incident that another took in is one no longer."""
        self.sessions += len(settled.sessions)
        self.shown += sum(session.shown for session in settled.sessions)
        self.days |= {session.start.date() for session in settled.sessions if session.start}
        self.underway |= {one.id for one in settled.incidents}
        self.underway -= {taken for one in settled.incidents for taken in one.took}


def streamed(path: Path) -> dict[str, Any]:
    """Correlate a CSV batch by batch, and look at memory on the way."""
    detector = Detector(RuleSet(rules=(), problems=()))
    stream = Correlator(Knowledge(lambda host: Asset(name=host)), Baseline.empty())
    alerts, found, memories = 0, Counted(), dict[str, Any]()
    for batch in read([path], mapping=MAPPING):
        if isinstance(batch, Batch):
            signals = detector.signals(batch)
            alerts += signals.num_rows
            found.add(stream.take(signals).settled)
            memories |= {f"day {day}": now(stream) for day in MARKS if len(found.days) == day and f"day {day}" not in memories}
    at_end = now(stream)
    found.add(stream.finish().settled)
    return {
        "alerts": alerts, "sessions": found.sessions, "shown": found.shown, "days": len(found.days), "incidents": len(found.underway),
        "incidents_a_day": round(len(found.underway) / max(1, len(found.days)), 3), **memories, "end": at_end,
    }  # fmt: skip


def now(stream: Correlator) -> dict[str, int]:
    """Give this process's memory, and the size of what the correlator knows."""
    return {"now_mib": rss() // MIB, "peak_mib": peak_rss() // MIB, "state_kib": len(stream.keep().to_bytes()) // 1024}


def month(folder: Path) -> Path:
    """Write the CSV of a month to a folder."""
    (source,) = unpacked(folder, MONTH_OF)
    labels = labels_of(source)
    fit = benign(labels, windows_of(MONTH_OF))
    with source.open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    kept = sorted((time // DAY, float(row[0]), row[1:]) for time, row, ok in zip(labels.times.tolist(), rows, fit, strict=True) if ok)
    path = folder / "month_alerts.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(head)
        out.writerows(repeated(kept, MONTH_DAYS))
    return path


def repeated(rows: list[Row], days: int) -> Iterator[list[str]]:
    """Yield the rows of so many days, given those of some as day, seconds, rest."""
    seconds = DAY // MICRO
    sources = sorted({day for day, *_ in rows})
    by_day = {day: [(time, rest) for own, time, rest in rows if own == day] for day in sources}
    for at in range(days):
        source = sources[at % len(sources)]
        move = (sources[0] + at - source) * seconds
        yield from ([str(int(time + move)), *rest] for time, rest in by_day[source])
