"""Reading files to batches, and an account of every file. Owns the walk from file to batch; formats are the readers'.

Rows of several files share a batch, so that many small files do not become many small batches; so the account of a file may come before
the last of its events.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from watchkeeper.ingest.batching import Batcher, Placed
from watchkeeper.ingest.identity import EventIds
from watchkeeper.ingest.reader import HEAD_BYTES, Columns, Reader, Row, Skipped
from watchkeeper.ingest.sources import Found, Source, expanded, valid
from watchkeeper.model.batch import Batch
from watchkeeper.model.sourceread import SourceRead

Progress = Callable[[int], None]
_RESOURCE_FORK = b"\x00\x05\x16\x07"
_BINARY = {b"\xd4\xc3\xb2\xa1": "a packet capture", b"\x0a\x0d\x0d\x0a": "a packet capture", b"%PDF": "a PDF document"}


@dataclass(frozen=True, slots=True)
class How:
    """How files are read."""

    readers: Sequence[Reader]
    """In the order in which they are asked."""
    batch_rows: int = 4_096
    """Events a batch at most."""
    progress: Progress | None = None
    """Told how many bytes on disk are behind us."""
    before: Mapping[str, int] = field(default_factory=dict[str, int])
    """How many sources of a name were read before these files: the ids of events in another one of that name must be others."""


def read(files: Sequence[Found], how: How) -> Iterator[Batch | SourceRead]:
    """Yield batches as they become full, with rows of one file or several, and one `SourceRead` after each file or archive member."""
    return _Run(how, Batcher(how.batch_rows), Counter(how.before)).over(files)


def names(file: Found, readers: Sequence[Reader]) -> Counter[str]:
    """Count the names of what would be read of a file: its own, or those of the members of the archive it is."""
    opened = (source for source in expanded(file, _uncounted) if source.stream is not None)
    return Counter(source.name for source in opened if _reader(_head(source), readers) is not None)


@dataclass(slots=True)
class _Run:
    """One pass over all files: what was given out so far, so that ids stay unique and progress only grows."""

    how: How
    batcher: Batcher
    names: Counter[str]
    bytes_done: int = 0
    bytes_here: int = 0

    def over(self, found: Sequence[Found]) -> Iterator[Batch | SourceRead]:
        for file in found:
            size = file.size
            self.bytes_here = 0
            for source in expanded(file, self._counted):
                for item in self._one(source):
                    self._tell(size)
                    yield item
            self.bytes_done += size
            self.bytes_here = 0
            self._tell(size)
        yield from self.batcher.flush()

    def _counted(self, count: int) -> None:
        self.bytes_here += count

    def _tell(self, size: int) -> None:
        if self.how.progress is not None:
            self.how.progress(self.bytes_done + min(self.bytes_here, size))

    def _one(self, source: Source) -> Iterator[Batch | SourceRead]:
        if source.stream is None:
            yield SourceRead(source=source.shown, reader="", events=0, skipped={}, error=valid(source.error))
            return
        head = _head(source)
        reader = _reader(head, self.how.readers)
        if reader is None:
            yield SourceRead(source=source.shown, reader="", events=0, skipped={}, error=_unknown(head))
            return
        self.names[source.name] += 1
        count = self.names[source.name]
        event_ids = EventIds(source.name if count == 1 else f"{source.name}#{count}")
        yield from self._rows(source.shown, reader, (reader.columns or reader.rows)(source.stream), event_ids)

    def _rows(
        self, shown: str, reader: Reader, found: Iterator[Row | Skipped | Columns], event_ids: EventIds
    ) -> Iterator[Batch | SourceRead]:
        skipped: Counter[str] = Counter()
        events, error, position = 0, "", -1
        try:
            for item in found:
                if isinstance(item, Columns):
                    events += len(item.places)
                    skipped.update(item.skipped)
                    yield from self.batcher.add_columns(item, event_ids, shown, position + 1)
                    position += item.records
                    continue
                position += 1
                if isinstance(item, Skipped):
                    skipped[item.reason] += 1
                    continue
                events += 1
                full = self.batcher.add(Placed(item, event_ids.of(position, item.raw), shown, position))
                if full:
                    yield from full
        except Exception as failure:  # noqa: BLE001  # one unit over one input: the failure is recorded in the SourceRead
            error = f"stopped after {events:,} events: {valid(str(failure)) or type(failure).__name__}"
        yield SourceRead(source=shown, reader=reader.name, events=events, skipped=dict(skipped), error=error)


def _uncounted(_: int) -> None:
    return


def _head(source: Source) -> bytes:
    return source.stream.peek(HEAD_BYTES)[:HEAD_BYTES] if source.stream else b""


def _reader(head: bytes, readers: Sequence[Reader]) -> Reader | None:
    return next((one for one in readers if one.sniff(head)), None)


def _unknown(head: bytes) -> str:
    if not head:
        return "empty"
    if head.startswith(_RESOURCE_FORK):
        return "a macOS resource fork, not a log"
    for magic, what in _BINARY.items():
        if head.startswith(magic):
            return f"{what}, not a log"
    return f"no reader knows this format; it begins with {head[:24]!r}"
