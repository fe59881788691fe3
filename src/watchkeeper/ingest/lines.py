"""Lines of a byte stream, bounded. Owns the bound; what a line means is the readers'."""

from collections.abc import Iterator
from typing import Protocol

from watchkeeper.ingest.reader import Skipped

MAX_RECORD_BYTES = 16 * 1024 * 1024
"""No record may be longer: one endless line must not fill the memory."""
TOO_LONG = Skipped(f"longer than {MAX_RECORD_BYTES // 1024 // 1024} MiB")


class Lines(Protocol):
    """What lines are read from."""

    def readline(self, size: int, /) -> bytes:
        """Give the next line with its end, at most so many bytes of it."""
        ...


def lines(stream: Lines) -> Iterator[bytes | Skipped]:
    """Yield each line with its end, and `TOO_LONG` in place of one over `MAX_RECORD_BYTES`."""
    while line := stream.readline(MAX_RECORD_BYTES):
        if len(line) < MAX_RECORD_BYTES or line.endswith(b"\n"):
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(MAX_RECORD_BYTES)
        yield TOO_LONG
