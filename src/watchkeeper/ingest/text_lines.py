"""Lines of text out of a byte stream. Owns decoding them; the bound on their length stands in `lines`, their meaning is each reader's."""

from collections.abc import Iterator
from typing import IO

from watchkeeper.ingest.lines import lines
from watchkeeper.ingest.reader import Skipped


def text_lines(stream: IO[bytes]) -> Iterator[str | Skipped]:
    """Yield each line that is not blank, without its end and byte order mark; bytes that are no UTF-8 become U+FFFD."""
    for line in lines(stream):
        if isinstance(line, Skipped):
            yield line
            continue
        text = line.decode("utf-8", "replace").rstrip("\r\n").removeprefix("\ufeff")
        if text and not text.isspace():
            yield text
