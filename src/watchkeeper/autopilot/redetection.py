"""Re-detection: rules or indicators that came later, over events that are kept. Owns which signals are new and that they say they are late.

A signal's id follows from its rule and event, so what was found when the event came is known again.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute

from watchkeeper.detection import Detector
from watchkeeper.model.batch import Batch
from watchkeeper.model.signal import FOUND_LATE, SIGNAL_SCHEMA

pc: Any = pyarrow.compute  # its shipped types know no tables in these places
_SCHEMA: Any = SIGNAL_SCHEMA
MOST_SIGNALS = 100_000
"""Signals that one re-detection gives, the newest; what is beyond is counted."""

Known = Callable[[Sequence[str]], Collection[str]]
"""Gives which of some ids of signals were found before."""


@dataclass(frozen=True, slots=True)
class Redetected:
    """What came of it."""

    signals: pa.Table
    """New ones in time order (`SIGNAL_SCHEMA`), each with a match that says when it was found."""
    known: int
    """Signals that were found before."""
    beyond: int
    """New signals that are left out because there are too many."""
    events: int
    """Events that were looked at."""
    problems: tuple[str, ...]
    """What went wrong with rules on events, and what was not counted."""


def redetect(detector: Detector, batches: Iterable[Batch], now: datetime, known: Known, only: Collection[str] | None = None) -> Redetected:
    """Run a detector with rules or intelligence that are new or otherwise over kept events.

    Args:
        detector: a fresh one, with them alone or, for the sake of correlations that count others, with all.
        batches: the kept events since when they are asked for, in any order.
        now: when it is done, which the signals say.
        known: gives which ids of signals were found before.
        only: ids of the rules whose signals are wanted; none wants all.
    """
    newest = _Newest(known, only)
    events = 0
    for batch in batches:
        events += batch.table.num_rows
        newest.add(detector.signals(batch))
    newest.add(detector.finish())
    signals = _late(newest.table().sort_by(cast("Any", [("time", "ascending"), ("id", "ascending")])), now)
    return Redetected(signals, newest.known, newest.beyond, events, detector.problems)


class _Newest:
    """The newest signals that were not found before; it never holds many more than it may give."""

    def __init__(self, known: Known, only: Collection[str] | None) -> None:
        self._known = known
        self._only = None if only is None else pa.array(sorted(only), pa.string())
        self._held = [cast("pa.Table", _SCHEMA.empty_table())]
        self._rows = 0
        self.known = 0
        self.beyond = 0

    def add(self, signals: pa.Table) -> None:
        if self._only is not None:
            signals = signals.filter(pc.is_in(signals.column("rule"), value_set=self._only))
        if not signals.num_rows:
            return
        before = set(self._known(cast("list[str]", signals.column("id").to_pylist())))
        fresh = signals.filter(pc.invert(pc.is_in(signals.column("id"), value_set=pa.array(sorted(before), pa.string()))))
        self.known += signals.num_rows - fresh.num_rows
        self._held.append(fresh)
        self._rows += fresh.num_rows
        if self._rows > 2 * MOST_SIGNALS:
            self._held = [self.table()]

    def table(self) -> pa.Table:
        """Give them, and let go of those that are too many."""
        held = pa.concat_tables(self._held)
        newest = held.sort_by(cast("Any", [("time", "descending"), ("id", "ascending")])).slice(0, MOST_SIGNALS)
        self.beyond += held.num_rows - newest.num_rows
        self._rows = newest.num_rows
        return newest


def late_count(signals: pa.Table) -> int:
    """Count the signals that were found late."""
    named = pc.struct_field(pc.list_flatten(signals.column("matches").combine_chunks()), "field")
    return int(pc.sum(pc.equal(named, FOUND_LATE)).as_py() or 0)


def _late(signals: pa.Table, now: datetime) -> pa.Table:
    """Give signals that say when they were found."""
    said = {"field": FOUND_LATE, "value": now.isoformat(timespec="seconds")}
    matches = [[*had, said] for had in cast("list[list[dict[str, str]]]", signals.column("matches").to_pylist())]
    at = signals.column_names.index("matches")
    column = cast("Any", pa.array(matches, _SCHEMA.field(at).type))
    return cast("Any", signals).set_column(at, _SCHEMA.field(at), column)
