"""Replay: rules over the events that a case keeps. Owns which signals are new; rules run as in any other run."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, cast

import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

from watchkeeper.autopilot.retelling import read_when_made
from watchkeeper.detection import Detector, RuleSet
from watchkeeper.detection.logsources import LogSources
from watchkeeper.lake import batches
from watchkeeper.model.batch import Batch
from watchkeeper.model.signal import SIGNAL_SCHEMA

pc: Any = pyarrow.compute  # its shipped types know no tables in these places


@dataclass(frozen=True, slots=True)
class Replayed:
    """What rules find in the kept events of a case."""

    signals: pa.Table
    """The signals that the case does not have, in time order (`SIGNAL_SCHEMA`)."""
    known: int
    """Signals that it has already."""
    events: int
    """Events the case keeps."""
    read: int | None
    """Events that were read when the case was made; none if it does not say."""
    problems: tuple[str, ...]
    """Rules that failed on events, and what was not counted."""


class Ran(NamedTuple):
    """What a detector found."""

    signals: pa.Table
    """As in `SIGNAL_SCHEMA`."""
    events: int
    """Events it was run over."""


def replay(case: Path, ruleset: RuleSet, only: Collection[str] | None = None, sources: LogSources | None = None) -> Replayed:
    """Run rules over every event that a case keeps; with `only`, give the signals of these rules alone.

    Raises:
        OSError: the folder is no case, or keeps no events.
        ValueError: what the case keeps is damaged.
    """
    detector = Detector(ruleset, sources)
    had = _had(case)
    signals, events = run_over(detector, kept_batches(case / "events"), only)
    new = signals.filter(pc.invert(pc.is_in(signals.column("id"), value_set=had)))
    ordered = new.sort_by(cast("Any", [("time", "ascending"), ("id", "ascending")]))
    return Replayed(ordered, signals.num_rows - new.num_rows, events, read_when_made(case), detector.problems)


def run_over(detector: Detector, batches: Iterable[Batch], only: Collection[str] | None) -> Ran:
    """Run a detector over events; with `only`, give the signals of these rules alone."""
    found = [SIGNAL_SCHEMA.empty_table()]
    events = 0
    for batch in batches:
        events += batch.table.num_rows
        found.append(_of(detector.signals(batch), only))
    found.append(_of(detector.finish(), only))
    return Ran(pa.concat_tables(found), events)


def kept_batches(folder: Path) -> Iterator[Batch]:
    """Yield the kept events.

    Raises:
        OSError: there are none.
        ValueError: they are damaged.
    """
    try:
        yield from batches(folder)
    except (pa.ArrowException, ValueError, KeyError) as error:
        raise ValueError(f"the events in {str(folder)!r} are damaged: {error}; investigate the evidence again") from error


def _of(signals: pa.Table, only: Collection[str] | None) -> pa.Table:
    return signals if only is None else signals.filter(pc.is_in(signals.column("rule"), value_set=pa.array(sorted(only), pa.string())))


def _had(case: Path) -> "pa.ChunkedArray[Any]":
    path = case / "signals.parquet"
    if not path.is_file():
        raise FileNotFoundError(f"{str(case)!r} is no case: it has no signals.parquet; `watchkeeper investigate --out DIR` makes one")
    try:
        return pq.read_table(path, columns=["id"]).column("id").cast(pa.string())
    except (pa.ArrowException, KeyError) as error:
        raise ValueError(f"{str(path)!r} is damaged: {error}; investigate the evidence again") from error
