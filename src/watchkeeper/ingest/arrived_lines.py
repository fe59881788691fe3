"""Lines that one reader takes together, and where each of its events stands. Owns finding the places; reading is the readers'."""

import io
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import accumulate
from typing import NamedTuple

from watchkeeper.ingest.reader import Reader, Row, Skipped
from watchkeeper.ingest.sources import valid
from watchkeeper.ingest.text_lines import text as decoded


class Line(NamedTuple):
    """One record as it was handed over."""

    place: int
    """0-based, among those that came together."""
    text: bytes


class Run:
    """Lines that stand together, and which of them have become events."""

    def __init__(self, lines: Sequence[Line], now: datetime) -> None:
        """Take the lines, and when they came."""
        self.lines, self.now = lines, now
        self.skipped = 0
        self.error = ""
        self._taken = [False] * len(self.lines)
        self._ends = list(accumulate(len(line.text) + 1 for line in self.lines))
        self._texts = [_compared(decoded(line.text)) for line in self.lines]
        self._at: dict[str, deque[int]] = {}
        for number, text in enumerate(self._texts):
            self._at.setdefault(text, deque()).append(number)

    def rows(self, reader: Reader) -> Iterator[tuple[int, Row]]:
        """Yield each event that a reader finds, with the place of its first line; what it cannot read is left."""
        stream = io.BytesIO(b"".join(line.text + b"\n" for line in self.lines))
        try:
            for one in reader.rows(stream) if reader.arrived is None else reader.arrived(stream, self.now):
                if isinstance(one, Skipped):
                    self.skipped += 1
                else:
                    yield self.lines[self._take(one.raw, stream.tell())].place, one
        except Exception as failure:  # noqa: BLE001 -- one unit over one input: the failure is recorded, and what was not read is kept as it is
            self.error = valid(f"reader {reader.name!r} stopped: {str(failure) or type(failure).__name__}")

    def left(self) -> list[Line]:
        """Give the lines that are in no event; none if nothing was skipped, for then they are headers and the like."""
        if not self.skipped and not self.error:
            return []
        return [line for line, taken in zip(self.lines, self._taken, strict=True) if not taken]

    def _take(self, raw: str, read: int) -> int:
        """Mark the lines of an event and give the first; where its text stands nowhere, the last line that was read so far."""
        found = [number for text in raw.split("\n") if (number := self._next(_compared(text))) is not None]
        if not found:
            found = [min(bisect_right(self._ends, max(read - 1, 0)), len(self.lines) - 1)]
        for number in found:
            self._taken[number] = True
        return found[0]

    def _next(self, text: str) -> int | None:
        places = self._at.get(text)
        return places.popleft() if places else None


def _compared(text: str) -> str:
    return text.strip().removeprefix("\ufeff")
