"""CSV cut into records, one at a time. Owns what a record is when quotes go wrong; `csv_chunks` gives the same for many at once."""

import csv
import io
from collections.abc import Callable, Iterator

from watchkeeper.ingest.lines import MAX_RECORD_BYTES, Lines, lines
from watchkeeper.ingest.reader import Skipped

RAGGED = Skipped("more or fewer values than the header names")
_NOT_CSV = Skipped("not CSV")


def records(stream: Lines, delimiter: str, width: int, enough: Callable[[], bool]) -> Iterator[list[str] | Skipped]:
    """Cut a stream into records, which may go on over lines; lines of one that turns out to be none are read each by itself.

    A record has as many values as the header has names (`width`). It stops between two records when there was enough: no line is lost.
    """
    csv.field_size_limit(MAX_RECORD_BYTES)
    too_long: list[Skipped] = []
    taken: list[str] = []
    parsed = csv.reader(_decoded(stream, too_long, taken), delimiter=delimiter)
    while (cells := _next(parsed)) is not None:
        if len(taken) > 1 and (isinstance(cells, Skipped) or len(cells) != width or sum(line.count('"') for line in taken) % 2):
            for line in taken:
                yield from _whole(_next(csv.reader([line], delimiter=delimiter)), width)
        else:
            yield from _whole(cells, width)
        taken.clear()
        yield from too_long
        too_long.clear()
        if enough():
            return
    yield from too_long


def joined(cells: list[str], delimiter: str) -> str:
    """Write the cells as one line of CSV, quoted only where that is needed."""
    text = delimiter.join(cells)
    if '"' not in text and "\n" not in text and "\r" not in text and text.count(delimiter) == len(cells) - 1:
        return text
    line = io.StringIO()
    csv.writer(line, delimiter=delimiter, lineterminator="").writerow(cells)
    return line.getvalue()


def _next(parsed: Iterator[list[str]]) -> list[str] | Skipped | None:
    try:
        return next(parsed, None)
    except csv.Error:
        return _NOT_CSV


def _whole(cells: list[str] | Skipped | None, width: int) -> Iterator[list[str] | Skipped]:
    """Yield what has as many values as the header has names; nothing for a blank line."""
    if isinstance(cells, Skipped) or (cells and len(cells) == width):
        yield cells
    elif cells:
        yield RAGGED


def _decoded(stream: Lines, too_long: list[Skipped], taken: list[str]) -> Iterator[str]:
    for line in lines(stream):
        if isinstance(line, Skipped):
            too_long.append(line)
        else:
            taken.append(line.decode("utf-8", "replace"))
            yield taken[-1]
