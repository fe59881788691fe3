"""Trying a source on sample records: how many it takes, and what it finds in them. Owns the count; the source itself is not judged here."""

import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from watchkeeper.ingest.grammar import Grammar
from watchkeeper.ingest.grammars import Grammars
from watchkeeper.ingest.jsonstream import Record, decode_text
from watchkeeper.ingest.own_sources import Own
from watchkeeper.ingest.reader import Row, Skipped
from watchkeeper.ingest.record_rows import record_rows
from watchkeeper.ingest.text import rows

MOST_EXAMPLES = 3
_MAX_EXAMPLE_CHARS = 200
_HEADER = frozenset({"message", "program", "pid", "facility", "severity", "message_id", "time_zone", "year_assumed"})


@dataclass(slots=True)
class Found:
    """One field."""

    count: int = 0
    """Events that have it."""
    examples: list[str] = field(default_factory=list[str])


@dataclass(slots=True)
class Trial:
    """What a source makes of a sample."""

    records: int = 0
    read: int = 0
    """Records that became an event of this source."""
    timed: int = 0
    """Of those, how many have a time."""
    hosts: int = 0
    """Of those, how many name a host."""
    fields: dict[str, Found] = field(default_factory=dict[str, Found])
    """By name, without those that every syslog header gives."""

    @property
    def share(self) -> float:
        """How much of the sample it takes, 0 to 1."""
        return self.read / self.records if self.records else 0.0


def tried(source: Own, sample: Sequence[str]) -> Trial:
    """Read a sample of records by one source alone; lines that go on with the event before them count as read."""
    trial = Trial(len(sample))
    for row, count in read_by(source, sample):
        trial.read += count
        trial.timed += count * (row.time is not None)
        trial.hosts += count * bool(row.host)
        _observe(trial.fields, row)
    return trial


def read_by(source: Own, sample: Sequence[str]) -> Iterator[tuple[Row, int]]:
    """Yield each row of the source and how many records of the sample went into it."""
    if isinstance(source, Grammar):
        for row in _only(source, rows(io.BytesIO("\n".join(sample).encode(errors="replace")), Grammars((source,)))):
            yield row, 1 + (row.raw.count("\n") if len(sample) > 1 else 0)
        return
    made = record_rows(source)
    for text in sample:
        record = decode_text(text)
        if isinstance(record, Record) and source.fits(record.value):
            found = [row for row in made(record) if isinstance(row, Row)]
            if found:
                yield found[0], 1


def _only(source: Grammar, found: Iterable[Row | Skipped]) -> Iterator[Row]:
    """Leave out syslog that this source does not know."""
    for row in found:
        if isinstance(row, Row) and (row.logsource.product, row.logsource.service) == (source.product, source.service):
            yield row


def _observe(fields: dict[str, Found], row: Row) -> None:
    for name, value in row.fields.items():
        if name in _HEADER:
            continue
        found = fields.setdefault(name, Found())
        found.count += 1
        text = value if isinstance(value, str) else ", ".join(value)
        if text and len(found.examples) < MOST_EXAMPLES and text[:_MAX_EXAMPLE_CHARS] not in found.examples:
            found.examples.append(text[:_MAX_EXAMPLE_CHARS])


def commonest(trial: Trial, most: int) -> list[tuple[str, Found]]:
    """Give the fields that most events have, as many as asked for."""
    counts = Counter({name: found.count for name, found in trial.fields.items()})
    return [(name, trial.fields[name]) for name, _ in counts.most_common(most)]
