"""Lines of text out of a byte stream. Owns decoding them; the bound on their length stands in `lines`, their meaning is each reader's."""

from collections.abc import Iterator
from typing import IO

from watchkeeper.ingest.lines import lines
from watchkeeper.ingest.reader import Skipped


def text_lines(stream: IO[bytes]) -> Iterator[str | Skipped]:
    """Yield each line that is not blank, without its end and byte order mark, decoded as `text` does."""
    for line in lines(stream):
        if isinstance(line, Skipped):
            yield line
            continue
        decoded = text(line).rstrip("\r\n").removeprefix("\ufeff")
        if decoded and not decoded.isspace():
            yield decoded


def text(line: bytes) -> str:
    """Decode a line: UTF-8; if it is none, GB18030 (which holds GBK and GB2312) if the whole line is that; else UTF-8 with U+FFFD.

    A line that is UTF-8 up to a character cut off at its end stays UTF-8. Source: GB 18030-2022.
    """
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        cut_off = error.reason == "unexpected end of data" and any(byte >= 0x80 for byte in line[: error.start])
    if not cut_off:
        try:
            return line.decode("gb18030")
        except UnicodeDecodeError:
            pass
    return line.decode("utf-8", "replace")
