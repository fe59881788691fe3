"""What a sender handed over, to batches: any format, also several mixed. Owns who reads which record; the formats are the readers'.

Records in JSON are read each for itself. Other lines that stand together are read together: by the sender's own reader, by the one that
took its lines last, or by the first that knows them. What nobody knows is kept as it is, and counted under `unknown`.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby

from watchkeeper.ingest import READERS
from watchkeeper.ingest.alerts import ALERT_READERS
from watchkeeper.ingest.arrived_lines import Line, Run
from watchkeeper.ingest.arrived_records import Read, ReadText, completed, line_reader, read, read_windows
from watchkeeper.ingest.batching import Batcher, Placed
from watchkeeper.ingest.evtx import evtx
from watchkeeper.ingest.identity import ArrivedIds
from watchkeeper.ingest.jsonstream import Record, decode
from watchkeeper.ingest.logsources import log_source
from watchkeeper.ingest.reader import HEAD_BYTES, Reader, Row
from watchkeeper.ingest.sources import valid
from watchkeeper.ingest.text import text
from watchkeeper.ingest.text_lines import text as decoded
from watchkeeper.ingest.unknown import kept, shape
from watchkeeper.model.batch import Batch
from watchkeeper.model.received import Received
from watchkeeper.model.sender import Sender
from watchkeeper.model.sourceread import UNKNOWN_READER, SourceRead

MOST_SENDERS = 4_096
"""Senders of which it is remembered who took their lines last."""
_BLANK = b" \t\r\n\xef\xbb\xbf"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OF_JSON = frozenset(
    (
        "zeek_json",
        "json_records",
        "modsecurity_json",
        "suricata",
        "cloudtrail",
        "azure",
        "m365",
        "windows_json",
        *(one.name for one in ALERT_READERS),
    )
)
"""Readers whose records in JSON are each read for itself."""
_OF_LINES = tuple(one for one in READERS if one.name not in _OF_JSON and one is not evtx)
_PINNED = {one.name: one for one in (*ALERT_READERS, *_OF_LINES)}
_KNOWN = frozenset((*_OF_JSON, *_PINNED, "", UNKNOWN_READER))


def lines_of(body: bytes) -> list[Line]:
    """Give the records of a body, in their places; blank ones are none."""
    return [Line(place, line) for place, line in enumerate(body.split(b"\n")) if line.strip(_BLANK)]


class SlowLane:
    """Reads whatever a sender may send."""

    def __init__(self, batch_rows: int = 4_096) -> None:
        """Take how many events a batch may have."""
        self._batch_rows = batch_rows
        self._last: OrderedDict[str, Reader] = OrderedDict()

    def events(
        self, received: Received, sequence: int, lines: Sequence[Line] | None = None, batcher: Batcher | None = None
    ) -> Iterator[Batch | SourceRead]:
        """Yield the events of what was received, then an account of each reader that took some; `lines` are those to read, else all.

        In a `batcher` that is given, events wait for others, and its owner takes out what waits; such lines are of the hot lane.

        `sequence` is its number in the journal. An event's `_source` is the sender's name, its `_row` the place of its record, and its id
        follows from sender, number and place, or from the sender's own id.
        """
        run = _Arrival(
            received, ArrivedIds(received.sender.id, sequence, received.ids), batcher or Batcher(self._batch_rows), batcher is not None
        )
        for is_json, group in groupby(lines_of(received.body) if lines is None else lines, _is_json):
            alike = list(group)
            yield from self._records(run, alike) if is_json else self._lines(run, alike)
        if batcher is None:
            yield from run.batcher.flush()
        yield from run.accounts()

    def _records(self, run: "_Arrival", lines: Sequence[Line]) -> Iterator[Batch]:
        pinned = _PINNED.get(run.sender.reader)
        if pinned is not None and pinned in ALERT_READERS:
            yield from self._taken(run, lines, pinned, self._each)
        else:
            yield from self._each(run, lines)

    def _each(self, run: "_Arrival", lines: Sequence[Line]) -> Iterator[Batch]:
        """Read each record in JSON for itself; what is none after all is text."""
        for line in lines:
            record = decode(line.text.strip(_BLANK))
            if not isinstance(record, Record):
                yield from self._lines(run, [line])
                continue
            found = _found(run, record)
            run.skip(found.reader, Counter(one.reason for one in found.skipped) if found.reader else Counter())
            for row in found.rows:
                yield from run.add(found.reader, line.place, row)
            if not found.rows:
                row = kept(log_source("unknown", shape(line.text)), record.raw)
                yield from run.add(UNKNOWN_READER, line.place, completed(row, record.value))

    def _lines(self, run: "_Arrival", lines: Sequence[Line]) -> Iterator[Batch]:
        """Read lines that stand together."""
        reader = self._reader(run.sender, b"\n".join(line.text for line in lines)[:HEAD_BYTES])
        if reader is None:
            yield from _as_they_are(run, lines)
        else:
            yield from self._taken(run, lines, reader, _as_they_are)

    def _taken(self, run: "_Arrival", lines: Sequence[Line], reader: Reader, otherwise: "_Otherwise") -> Iterator[Batch]:
        """Let one reader read what it can; the rest goes another way."""
        together = Run(lines, run.now)
        for place, row in together.rows(reader):
            yield from run.add(reader.name, place, row)
        if together.error:
            run.errors[reader.name] = together.error
        left = together.left()
        if left:
            yield from otherwise(run, left)

    def _reader(self, sender: Sender, head: bytes) -> Reader | None:
        """Choose who reads lines: the sender's own reader, who took its lines last, the first who knows them; none if nobody does."""
        pinned = _PINNED.get(sender.reader)
        if pinned is not None:
            return pinned
        last = self._last.get(sender.id)
        found = last if last is not None and last.sniff(head) else next((one for one in _OF_LINES if one.sniff(head)), None)
        if found is not None:
            self._last[sender.id] = found
            self._last.move_to_end(sender.id)
            if len(self._last) > MOST_SENDERS:
                self._last.popitem(last=False)
        return found


@dataclass(slots=True)
class _Arrival:
    """What is read of one body: the ids that were given, and the counts."""

    received: Received
    ids: ArrivedIds
    batcher: Batcher
    is_plain: bool = False
    """Whether its lines are Windows events that the hot lane took."""
    events: Counter[str] = field(default_factory=Counter[str])
    skipped: dict[str, Counter[str]] = field(default_factory=dict[str, Counter[str]])
    errors: dict[str, str] = field(default_factory=dict[str, str])
    given: Counter[int] = field(default_factory=Counter[int])

    @property
    def sender(self) -> Sender:
        return self.received.sender

    @property
    def now(self) -> datetime:
        return _EPOCH + timedelta(microseconds=self.received.time)

    @property
    def text(self) -> ReadText:
        return line_reader(text, self.now)

    def add(self, reader: str, place: int, row: Row) -> Iterable[Batch]:
        nth = self.given[place]
        self.given[place] += 1
        self.events[reader] += 1
        return self.batcher.add(Placed(row, self.ids.of(place, nth), self.sender.name, place))

    def skip(self, reader: str, reasons: Counter[str]) -> None:
        if reasons:
            self.skipped.setdefault(reader, Counter()).update(reasons)

    def accounts(self) -> Iterator[SourceRead]:
        if self.sender.reader not in _KNOWN:
            self.errors.setdefault(UNKNOWN_READER, f"no reader or mapping {self.sender.reader!r}: read by content; name another, or none")
        for name in sorted({*self.events, *self.skipped, *self.errors}):
            yield SourceRead(
                source=self.sender.name,
                reader=name,
                events=self.events[name],
                skipped=dict(self.skipped.get(name, ())),
                error=self.errors.get(name, ""),
            )


_Otherwise = Callable[[_Arrival, Sequence[Line]], Iterator[Batch]]


def _as_they_are(run: _Arrival, lines: Sequence[Line]) -> Iterator[Batch]:
    """Keep every line as an event of its own."""
    source = log_source("unknown", shape(b"\n".join(line.text for line in lines)[:HEAD_BYTES]))
    for line in lines:
        yield from run.add(UNKNOWN_READER, line.place, kept(source, decoded(line.text).strip()))


def _found(run: _Arrival, record: Record) -> Read:
    """Read a record; a reader that fails on it has found nothing, and says why."""
    try:
        return (read_windows if run.is_plain else read)(record, run.text)
    except Exception as failure:  # noqa: BLE001 -- one unit over one input: the failure is recorded, and the record is kept as it is
        run.errors[UNKNOWN_READER] = valid(f"a reader failed on a record: {str(failure) or type(failure).__name__}")
        return Read("", [], [])


def _is_json(line: Line) -> bool:
    return line.text.lstrip(_BLANK)[:1] == b"{"
