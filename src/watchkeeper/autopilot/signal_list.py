"""Signals of the stream and of cases on disk, newest first, narrowed and paged. Owns what a filter means on Arrow tables."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

from watchkeeper.autopilot.live.recent_signals import recent_signals
from watchkeeper.model.level import LEVELS
from watchkeeper.model.page import Page, cursor, place
from watchkeeper.model.signal import CASE_SCHEMA
from watchkeeper.model.signal_placed import SignalFilter, SignalPlaced
from watchkeeper.store import Store

pc: Any = pyarrow.compute  # its shipped types know no expressions in these places
STREAM = "live"
"""In the place of a case: signals of the stream."""
MOST_CASES = 200
"""Cases that are looked through, the newest."""
_MICROS = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a signal stands in the list."""

    micros: int
    """Its time; 0 if it has none, so that it comes last."""
    id: str

    @property
    def key(self) -> tuple[int, str]:
        return -self.micros, self.id


def signals(store: Store, wanted: SignalFilter, after: str, limit: int) -> Page[SignalPlaced]:
    """Give the signals that a filter lets through, so many after a cursor; one that several cases found is the newest case's.

    Raises:
        ValueError: the cursor is none of this list, or a case is damaged.
    """
    begins = _Place(*cast("tuple[int, str]", place(after, int, str))) if after else None
    found: dict[str, tuple[_Place, SignalPlaced]] = {}
    for name, table in _tables(store, _condition(wanted, begins)):
        for row in _first(table, limit + 1):
            signal = SignalPlaced.model_validate({**row, "case": name})
            found.setdefault(signal.id, (_Place(_micros(signal.time), signal.id), signal))
    ordered = sorted(found.values(), key=lambda pair: pair[0].key)
    page = ordered[:limit]
    last = page[-1][0] if page else None
    return Page(items=tuple(one for _, one in page), next=cursor(last.micros, last.id) if last and len(ordered) > limit else "")


def fired_on(store: Store, detector: str, events: Collection[str]) -> frozenset[str]:
    """Give which events, by id, a detector fired on.

    Raises:
        ValueError: a case is damaged.
    """
    condition = (pc.field("detector") == detector) & pc.field("event_id").isin(sorted(events))
    tables = (table for _, table in _tables(store, condition)) if events else ()
    return frozenset(cast("str", event) for table in tables for event in table.column("event_id").to_pylist())


def _tables(store: Store, condition: Any) -> Iterator[tuple[str, pa.Table]]:
    """Yield the signals that fit, of the stream, then of each case."""
    yield STREAM, recent_signals(store).filter(condition)
    for case in store.cases()[:MOST_CASES]:
        path = case.out / "signals.parquet"
        if path.is_file():
            yield case.id, _of_case(path, condition)


def _of_case(path: Path, condition: Any) -> pa.Table:
    try:
        if "suppressed" in pq.read_schema(path).names:
            return pq.read_table(path, filters=condition).select(CASE_SCHEMA.names).cast(CASE_SCHEMA)
        return _complete(pq.read_table(path)).filter(condition)
    except (pa.ArrowException, KeyError, ValueError, OSError) as error:
        raise ValueError(f"{str(path)!r} is damaged or of another version: {error}; investigate the evidence again") from error


def _first(table: pa.Table, most: int) -> Iterator[dict[str, Any]]:
    """Yield the first signals of the list."""
    table = table.append_column("_at", pc.fill_null(table.column("time").cast(pa.int64()), 0))
    chosen = pc.select_k_unstable(table, k=most, sort_keys=[("_at", "descending"), ("id", "ascending")])
    yield from table.take(chosen).select(CASE_SCHEMA.names).to_pylist()


def _complete(table: pa.Table) -> pa.Table:
    whole = table.append_column("suppressed", pa.nulls(table.num_rows, pa.string()))
    return whole.select(CASE_SCHEMA.names).cast(CASE_SCHEMA)


def _condition(wanted: SignalFilter, begins: _Place | None) -> Any:
    """Give the filter as an expression over columns of signals."""
    field = pc.field
    texts = {name: cast("str", getattr(wanted, name)) for name in ("rule", "detector", "incident")}
    texts |= {"host": wanted.host.lower(), "user": wanted.user.lower()}
    tests = [field(name) == text for name, text in texts.items() if text]
    if wanted.level is not None:
        tests.append(field("level").isin(LEVELS[LEVELS.index(wanted.level) :]))
    if wanted.since is not None:
        tests.append(field("time") >= pa.scalar(wanted.since, _MICROS))
    if wanted.until is not None:
        tests.append(field("time") <= pa.scalar(wanted.until, _MICROS))
    if wanted.shown is not None:
        tests.append(field("shown") == wanted.shown)
    if wanted.suppressed is not None:
        aside = field("suppressed").is_valid()
        tests.append(aside if wanted.suppressed else ~aside)
    if begins is not None:
        tests.append(_after(begins))
    condition: Any = pc.scalar(True)  # noqa: FBT003 -- a value of a column
    for test in tests:
        condition = condition & test
    return condition


def _after(begins: _Place) -> Any:
    time, same = pc.field("time"), pc.field("id") > begins.id
    if not begins.micros:
        return time.is_null() & same
    at = pa.scalar(begins.micros, pa.int64()).cast(_MICROS)
    return time.is_null() | (time < at) | ((time == at) & same)


def _micros(time: datetime | None) -> int:
    return 0 if time is None else int(pa.scalar(time, _MICROS).cast(pa.int64()).as_py())
