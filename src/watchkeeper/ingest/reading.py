"""Reading files to batches, and an account of every file. Owns the walk from path to batch; formats are the readers'."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from watchkeeper.ingest.batching import Batcher, Placed
from watchkeeper.ingest.identity import EventId, event_ids
from watchkeeper.ingest.reader import HEAD_BYTES, Reader, Row, Skipped
from watchkeeper.ingest.sources import Found, Source, expanded, files
from watchkeeper.model.batch import Batch
from watchkeeper.model.sourceread import SourceRead

Progress = Callable[[int], None]
_RESOURCE_FORK = b"\x00\x05\x16\x07"
_BINARY = {b"\xd4\xc3\xb2\xa1": "a packet capture", b"\x0a\x0d\x0d\x0a": "a packet capture", b"%PDF": "a PDF document"}


def read(paths: Sequence[Path], readers: Sequence[Reader], batch_rows: int, progress: Progress | None) -> Iterator[Batch | SourceRead]:
    """Check the given paths, then yield batches as they are read and one `SourceRead` after each file or archive member.

    Raises:
        FileNotFoundError: a given path does not exist.
        PermissionError: a given path may not be read.
    """
    return _Run(readers, Batcher(batch_rows), progress).over(files(paths))


@dataclass(slots=True)
class _Run:
    """One pass over all files: what was given out so far, so that ids stay unique and progress only grows."""

    readers: Sequence[Reader]
    batcher: Batcher
    progress: Progress | None
    names: Counter[str] = field(default_factory=Counter[str])
    bytes_done: int = 0
    bytes_here: int = 0

    def over(self, found: Sequence[Found]) -> Iterator[Batch | SourceRead]:
        for file in found:
            size = file.path.stat().st_size if file.path.is_file() else 0
            self.bytes_here = 0
            for source in expanded(file, self._counted):
                for item in self._one(source):
                    self._tell(size)
                    yield item
            self.bytes_done += size
            self.bytes_here = 0
            self._tell(size)

    def _counted(self, count: int) -> None:
        self.bytes_here += count

    def _tell(self, size: int) -> None:
        if self.progress is not None:
            self.progress(self.bytes_done + min(self.bytes_here, size))

    def _one(self, source: Source) -> Iterator[Batch | SourceRead]:
        if source.stream is None:
            yield SourceRead(source=source.shown, reader="", events=0, skipped={}, error=source.error)
            return
        head = source.stream.peek(HEAD_BYTES)[:HEAD_BYTES]
        reader = next((one for one in self.readers if one.sniff(head)), None)
        if reader is None:
            yield SourceRead(source=source.shown, reader="", events=0, skipped={}, error=_unknown(head))
            return
        self.names[source.name] += 1
        count = self.names[source.name]
        event_id = event_ids(source.name if count == 1 else f"{source.name}#{count}")
        yield from self._rows(source.shown, reader, reader.rows(source.stream), event_id)

    def _rows(self, shown: str, reader: Reader, found: Iterator[Row | Skipped], event_id: EventId) -> Iterator[Batch | SourceRead]:
        skipped: Counter[str] = Counter()
        events, error = 0, ""
        try:
            for position, item in enumerate(found):
                if isinstance(item, Skipped):
                    skipped[item.reason] += 1
                    continue
                events += 1
                yield from self.batcher.add(Placed(item, event_id(position, item.raw), shown, position))
        except Exception as failure:  # noqa: BLE001  # one unit over one input: the failure is recorded in the SourceRead
            error = f"stopped after {events:,} events: {str(failure) or type(failure).__name__}"
        yield from self.batcher.flush()
        yield SourceRead(source=shown, reader=reader.name, events=events, skipped=dict(skipped), error=error)


def _unknown(head: bytes) -> str:
    if not head:
        return "empty"
    if head.startswith(_RESOURCE_FORK):
        return "a macOS resource fork, not a log"
    for magic, what in _BINARY.items():
        if head.startswith(magic):
            return f"{what}, not a log"
    return f"no reader knows this format; it begins with {head[:24]!r}"
