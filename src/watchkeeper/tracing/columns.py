"""Columns: asking a question of every event of a batch, once for all that answer alike. Owns knowing which fields an answer depends on.

A question is a function of one event, such as who acted in it. What it reads of the event is noted; events that agree in everything that
was ever read get one answer. This is right for any question whose answer follows from what the event says apart from
its time; nothing is declared beside it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.model.batch import Batch
from watchkeeper.model.event import Event
from watchkeeper.model.logsource import LogSource

Answer = TypeVar("Answer")
_Read = str | tuple[str, ...]
_EVERYTHING = "*"
_MOST_FIELDS = 16
"""A question that reads more is asked of every event."""


class Question(Generic[Answer]):
    """One question, and which fields it has been seen to read."""

    def __init__(self, ask: Callable[[Event], Answer]) -> None:
        """Take the question; it must give the same for events that agree in all it reads."""
        self._ask = ask
        self._fields: dict[str, None] = {"_host": None}

    def of(self, batch: Batch) -> tuple[list[Answer], NDArray[np.int64]]:
        """Give the different answers, and for each event which of them is its."""
        while True:
            known = tuple(self._fields)
            rows, which = _alike(batch, known)
            answers = self._asked(_Rows(batch, rows, known), known)
            if answers is not None:
                return answers, which

    def _asked(self, rows: "_Rows", known: Sequence[str]) -> list[Answer] | None:
        """Give the answers; none if one read a field that was not known, by which events must be told apart then."""
        answers: list[Answer] = []
        for place in range(len(rows)):
            read: dict[str, None] = {}
            answers.append(self._ask(cast("Event", _Row(rows, place, read))))
            if not read.keys() <= self._fields.keys() and _EVERYTHING not in known:
                self._fields |= read
                if len(self._fields) > _MOST_FIELDS:
                    self._fields = {_EVERYTHING: None}
                return None
        return answers


class _Rows:
    """Some rows of a batch, with the columns that will be read."""

    def __init__(self, batch: Batch, rows: NDArray[np.int64], known: Sequence[str]) -> None:
        self.logsource: LogSource = batch.logsource
        self._rows = rows
        self._table = batch.table
        self._columns: dict[str, list[Any]] = {}
        for name in known:
            self.values(name)

    def __len__(self) -> int:
        return len(self._rows)

    def names(self) -> list[str]:
        return [name for name in self._table.column_names if not name.startswith("_")]

    def values(self, name: str) -> list[Any]:
        """Give a column's values in these rows, none where the batch has no such column."""
        found = self._columns.get(name)
        if found is None:
            place = self._table.schema.get_field_index(name)
            found = self._table.column(place).take(self._rows).to_pylist() if place >= 0 else [None] * len(self._rows)
            self._columns[name] = found
        return found


class _Row:
    """One event, as far as a question may look at it; notes what is read."""

    def __init__(self, rows: _Rows, place: int, read: dict[str, None]) -> None:
        self._rows = rows
        self._place = place
        self._read = read
        self.logsource = rows.logsource
        self.fields = _Fields(rows, place, read)

    def _value(self, name: str) -> Any:
        self._read[name] = None
        return self._rows.values(name)[self._place]

    @property
    def id(self) -> str:
        return self._value("_id")

    @property
    def host(self) -> str:
        return self._value("_host")

    @property
    def time(self) -> datetime | None:
        """Give the time without noting it: who is who at a time is decided when edges are read, so no answer here follows from it."""
        return self._rows.values("_time")[self._place]

    @property
    def source(self) -> str:
        return self._value("_source")

    @property
    def row(self) -> int:
        return self._value("_row")


class _Fields(Mapping[str, _Read]):
    """The native fields of one event; notes which are read."""

    __slots__ = ("_place", "_read", "_rows")

    def __init__(self, rows: _Rows, place: int, read: dict[str, None]) -> None:
        self._rows = rows
        self._place = place
        self._read = read

    def __getitem__(self, name: str) -> _Read:
        self._read[name] = None
        value = None if name.startswith("_") else self._rows.values(name)[self._place]
        if value is None:
            raise KeyError(name)
        return _plain(value)

    def get(self, name: str, default: Any = None) -> Any:  # not by way of an exception: most fields that are asked for are absent
        self._read[name] = None
        value = None if name.startswith("_") else self._rows.values(name)[self._place]
        return default if value is None else _plain(value)

    def __iter__(self) -> Iterator[str]:
        self._read[_EVERYTHING] = None
        return (name for name in self._rows.names() if self._rows.values(name)[self._place] is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _plain(value: str | list[str]) -> _Read:
    return value if isinstance(value, str) else tuple(value)


def _alike(batch: Batch, names: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the first row of each group of rows that agree in these columns, and for each row its group."""
    if _EVERYTHING in names:
        every = np.arange(batch.table.num_rows)
        return every, every
    codes = np.zeros(batch.table.num_rows, np.int64)
    for name in names:
        place = batch.table.schema.get_field_index(name)
        if place >= 0:
            found = _codes(batch.table.column(place))
            codes = np.unique(codes * (int(found.max(initial=0)) + 1) + found, return_inverse=True)[1]
    _, rows, which = np.unique(codes, return_index=True, return_inverse=True)
    return rows, which


def _codes(column: Any) -> NDArray[np.int64]:
    """Number the different values of a column."""
    if pa.types.is_list(column.type):
        known: dict[Any, int] = {}
        values = (None if value is None else tuple(value) for value in column.to_pylist())
        return np.fromiter((known.setdefault(value, len(known)) for value in values), np.int64, len(column))
    encoded = column.combine_chunks().dictionary_encode(null_encoding="encode")
    return encoded.indices.to_numpy().astype(np.int64)
