"""CSV cut into tables, thousands of records at a time, where nothing about it is doubtful. Owns what is doubtful.

A chunk is whole lines. If every quote in it opens or closes a cell or stands doubled within one, and every record has the header's width,
it means the same to any reader of CSV; all other chunks are left to `csv_records`, which decides what a record is there.

Source of the grammar: RFC 4180.
"""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

CHUNK_BYTES = 1 << 20
"""What is looked at together; a record that is longer is left to `csv_records`."""
_QUOTE, _NEWLINE, _RETURN = b'"\n\r'
_BOM = b"\xef\xbb\xbf"


class Ahead:
    """A byte stream whose lines can be looked at before they are taken.

    Where the stream breaks off, every whole line before comes first, and then its error.
    """

    def __init__(self, stream: io.BufferedIOBase, chunk_bytes: int = CHUNK_BYTES) -> None:
        """Begin where the stream stands."""
        self._stream = stream
        self._chunk_bytes = chunk_bytes
        self._held: bytes = b""
        self._at = 0
        self._passed = 0
        self._ended = False
        self._failure: Exception | None = None

    @property
    def position(self) -> int:
        """How many bytes were taken."""
        return self._passed + self._at

    @property
    def is_over(self) -> bool:
        """Whether the stream ended and every byte of it was taken."""
        return self._ended and self._at == len(self._held)

    def look(self) -> bytes:
        """Give the next lines, at most a chunk, without a record that may go on after it: empty if there are none."""
        self._forget()
        parts, size = [self._held], len(self._held)
        while size < self._chunk_bytes and not self._ended and self._failure is None:
            parts.append(self._more(self._chunk_bytes - size))
            size += len(parts[-1])
        self._held = b"".join(parts)
        return self._held if self._ended else self._held[: _last_end(self._held)]

    def take(self, count: int) -> None:
        """Take so many of the bytes that were looked at."""
        self._at += count

    def readline(self, size: int, /) -> bytes:
        """Take a line with its end, or `size` bytes of it.

        Raises:
            Exception: what the stream raised before the line had ended.
        """
        end = self._held.find(b"\n", self._at) + 1
        if not end and not self._ended:
            self._forget()
            if self._failure is not None:
                raise self._failure
            if len(self._held) < size:
                self._held += self._stream.readline(size - len(self._held))
        end = min(end or len(self._held), self._at + size)
        line, self._at = self._held[self._at : end], end
        return line

    def _forget(self) -> None:
        self._passed += self._at
        self._held, self._at = self._held[self._at :], 0

    def _more(self, size: int) -> bytes:
        try:
            found = self._stream.read1(size)
        except Exception as failure:  # noqa: BLE001  # whatever breaks a stream, it is raised once the lines before it are taken
            self._failure = failure
            return b""
        self._ended = not found
        return found


def table(chunk: bytes, delimiter: str, width: int, kept: Sequence[int]) -> pa.Table | None:
    """Read a chunk as one column of text for each place in `kept`, null where a cell is empty; none if anything is doubtful."""
    if not _is_plain(chunk, delimiter):
        return None
    try:
        return _parsed(chunk, delimiter, width, kept)
    except pa.ArrowInvalid:
        pass
    try:
        return _parsed(chunk.decode("utf-8", "replace").encode(), delimiter, width, kept)
    except pa.ArrowInvalid:
        return None


def _parsed(chunk: bytes, delimiter: str, width: int, kept: Sequence[int]) -> pa.Table:
    names = [str(place) for place in range(width)]
    asked = [names[place] for place in kept]
    reading = arrow_csv.ReadOptions(use_threads=False, block_size=len(chunk) + 1, column_names=names)
    parsing = arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=b'"' in chunk)
    converting = arrow_csv.ConvertOptions(
        column_types=dict.fromkeys(asked, pa.string()),
        include_columns=asked,
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=True,
    )
    return arrow_csv.read_csv(io.BytesIO(chunk), reading, parsing, converting).combine_chunks()


def _is_plain(chunk: bytes, delimiter: str) -> bool:
    if not "\0" < delimiter < "\x80" or chunk.startswith(_BOM) or chunk.count(b"\r") != chunk.count(b"\r\n"):
        return False
    return b'"' not in chunk or _quotes_are_plain(np.frombuffer(chunk, np.uint8), ord(delimiter))


def _quotes_are_plain(content: Any, delimiter: int) -> bool:
    """Say whether quotes stand in pairs, of which the first follows what ends a cell, or a quote, and the second comes before such."""
    quotes = np.flatnonzero(content == _QUOTE)
    opening, closing = quotes[::2], quotes[1::2]
    if len(opening) != len(closing):
        return False
    before, after = content[opening[opening > 0] - 1], content[closing[closing < len(content) - 1] + 1]
    first = (before == delimiter) | (before == _NEWLINE) | (before == _QUOTE)
    last = (after == delimiter) | (after == _NEWLINE) | (after == _QUOTE) | (after == _RETURN)
    return bool(first.all() and last.all())


def _last_end(content: bytes) -> int:
    """Find the end of the last line after which no quote is open."""
    if b'"' not in content:
        return content.rfind(b"\n") + 1
    whole = np.frombuffer(content, np.uint8)
    ends = np.flatnonzero(whole == _NEWLINE)
    outside = ends[np.searchsorted(np.flatnonzero(whole == _QUOTE), ends) % 2 == 0]
    return int(outside[-1]) + 1 if len(outside) else 0
