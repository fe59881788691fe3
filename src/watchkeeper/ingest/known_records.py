"""Who knows a record in JSON: the formats of `content/records` and the alert mappings. Owns asking only those that may."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from typing import NamedTuple

from watchkeeper.ingest.alerts import SHIPPED, alert_rows, is_alert
from watchkeeper.ingest.jsonstream import Record
from watchkeeper.ingest.reader import Row, Skipped
from watchkeeper.ingest.record_format import formats
from watchkeeper.ingest.record_rows import record_rows

Rows = Iterable[Row | Skipped]


class Known(NamedTuple):
    """A format or an alert mapping."""

    name: str
    marks: tuple[tuple[str, ...], ...]
    """Sets of paths of which one must be there whole."""
    fits: Callable[[Mapping[str, object]], bool]
    rows: Callable[[Record], Rows]


def known_record(record: Record) -> tuple[str, Rows] | None:
    """Give the name of what knows the record as it stands, and its rows; alert mappings come before formats; none if nobody does."""
    known, index = _known(), _index()
    asked = sorted({number for name in record.value for number in index.get(name, ())})
    return next(((known[number].name, known[number].rows(record)) for number in asked if known[number].fits(record.value)), None)


def marking_names() -> frozenset[str]:
    """Give the members of a record of which one must be there for anybody here to know it."""
    return frozenset(_index())


def marks_of(name: str) -> tuple[tuple[str, ...], ...]:
    """Give the sets of members that mark a record of those for which this member must be there."""
    return tuple(mark for number in _index().get(name, ()) for mark in _known()[number].marks)


@cache
def _known() -> tuple[Known, ...]:
    alerts = [mapping for mapping in SHIPPED if "jsonl" in mapping.format]
    return (
        *(Known(one.name, (tuple(one.columns),), partial(is_alert, one), alert_rows(one)) for one in alerts),
        *(Known(one.name, tuple(map(tuple, one.marks)), one.fits, record_rows(one)) for one in formats()),
    )


@cache
def _index() -> Mapping[str, tuple[int, ...]]:
    """Members of a record to the numbers of those that may know it: the rarest path of a mark stands for it, whole or by its first name."""
    common = Counter(path.partition(".")[0] for known in _known() for mark in known.marks for path in mark)
    found: dict[str, set[int]] = {}
    for number, known in enumerate(_known()):
        for mark in known.marks:
            rarest = min(mark, key=lambda path: (common[path.partition(".")[0]], path))
            for name in (rarest, rarest.partition(".")[0]):
                found.setdefault(name, set()).add(number)
    return {name: tuple(sorted(numbers)) for name, numbers in found.items()}
