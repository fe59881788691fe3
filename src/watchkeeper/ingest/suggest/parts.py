"""What a proposal for a text log is made of, and what is found alike in all of them: time and host. Owns no way of reading."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from watchkeeper.ingest.suggest.times import ENOUGH, time_format
from watchkeeper.model.batch import Value

Fields = Mapping[str, Value]
_TIMES = re.compile(r"time|date|stamp|when|_at\Z|\Ats\Z|created|published", re.IGNORECASE)
_DATES = re.compile(r"date|day", re.IGNORECASE)
_CLOCKS = re.compile(r"time|clock|hour", re.IGNORECASE)
_HOSTS = frozenset({"host", "hostname", "computer", "computername", "device", "devname", "devicename", "machine", "node", "nodename"})
MOST_TIMES = 3
"""Fields that are the time of some events."""
_MOST_TRIED = 8
MOST_FIELDS = 256
"""Fields that are looked at."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The keys of a grammar that depend on the log."""

    recognise: list[dict[str, object]]
    steps: list[dict[str, object]]
    names: dict[str, str] = field(default_factory=dict[str, str])
    time: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    host: list[str] = field(default_factory=list[str])
    empty: list[str] = field(default_factory=list[str])
    general: bool = False


def column(rows: Sequence[Fields], name: str) -> list[str]:
    """Give the texts that a field has."""
    found = (row.get(name) for row in rows)
    return [value for value in found if isinstance(value, str)]


def names_of(rows: Sequence[Fields]) -> list[str]:
    """Give the names of fields, the most frequent first, as many as are looked at."""
    return [name for name, _ in Counter(name for row in rows for name in row).most_common(MOST_FIELDS)]


def times_of(rows: Sequence[Fields]) -> list[dict[str, str]]:
    """Find the field that is the time of nearly all events, or a day and a clock that are it together; else those that are it in most."""
    ordered = sorted(names_of(rows), key=lambda name: (_TIMES.search(name) is None, name.count("."), len(name)))
    found = {name: len(values) for name in ordered if (values := column(rows, name)) and time_format(values)}
    whole = [name for name, count in found.items() if count >= ENOUGH * len(rows)][:1]
    joined = [] if whole else _joined(rows, ordered)
    partly = sorted((name for name in found if _TIMES.search(name)), key=lambda name: -found[name])[:MOST_TIMES]
    return [*joined, *({"text": f"{{{name}}}", "format": time_format(column(rows, name))} for name in whole or partly)]


def _joined(rows: Sequence[Fields], ordered: Sequence[str]) -> list[dict[str, str]]:
    days = [name for name in ordered if _DATES.search(name)][:_MOST_TRIED]
    clocks = [name for name in ordered if _CLOCKS.search(name)][:_MOST_TRIED]
    for day, clock in ((day, clock) for day in days for clock in clocks if day != clock):
        texts = [f"{row[day]} {row[clock]}" for row in rows if day in row and clock in row]
        if len(texts) >= len(rows) / 2 and (written := time_format(texts)):
            return [{"text": f"{{{day}}} {{{clock}}}", "format": written}]
    return []


def hosts_of(rows: Sequence[Fields]) -> list[str]:
    """Find fields that are called like the host."""
    return [name for name in names_of(rows) if re.sub(r"[^a-z]", "", name.lower()) in _HOSTS][:2]


def empties_of(values: Sequence[str]) -> list[str]:
    """Give what stands for no value."""
    return ["-"] if "-" in values else []
