"""ModSecurity's audit log in sections, of versions 2 and 3. Owns cutting it into transactions; names stand in `modsecurity_audit`.

Each transaction has a boundary of its own, and only its own end closes it: what a client writes into a body cannot end it or begin another.
One that never ends costs itself alone: the next that begins behind it is read.
Source: ModSecurity reference manual, "ModSecurity 2 Data Formats".
"""

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

from watchkeeper.ingest.lines import lines
from watchkeeper.ingest.modsecurity_audit import Headers, Transaction, message
from watchkeeper.ingest.reader import Reader, Row, Skipped
from watchkeeper.ingest.text_lines import text

MAX_CHARS = 4 * 1024 * 1024
"""Characters behind the beginning of a transaction in which its end must stand."""
_BOUNDARY = re.compile(r"--(-?[0-9A-Za-z@]{4,64}-?-?)-([A-Z])--\r?\n?")
_SNIFF = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*---?[0-9A-Za-z@]{4,64}-{1,3}A--\r?\n\[[^\]\n]{1,64}\] \S")
_HEADER = re.compile(
    r"\[(?P<time>[^\]]{1,64})\] (?P<unique_id>\S{1,256}) "
    r"(?P<src_ip>\S{1,64}) (?P<src_port>\d{1,5}) (?P<dst_ip>\S{1,64}) (?P<dst_port>\d{1,5})\s*"
)
_STATUS = re.compile(r"HTTP/[\d.]{1,8} (\d{3})\b")
_CUT_OFF = Skipped("ModSecurity transaction that is cut off")
_OUTSIDE = Skipped("line outside of any ModSecurity transaction")
_NO_HEADER = Skipped("ModSecurity transaction without its header")
_INTERCEPTED = "Intercepted"


def sniff(head: bytes) -> bool:
    """Say whether a transaction begins in the first line."""
    return _SNIFF.match(head) is not None


def rows(stream: IO[bytes]) -> Iterator[Row | Skipped]:
    """Yield one row a transaction, and a `Skipped` for one that is cut off and for each line that is in none."""
    window = _Window()
    for line in lines(stream):
        if isinstance(line, Skipped):
            yield line
            continue
        window.add(text(line))
        yield from window.settled(last=False)
    yield from window.settled(last=True)


@dataclass(slots=True)
class _Window:
    """Lines from the oldest transaction on whose end was not seen yet, and where transactions begin and end in them."""

    held: deque[str] = field(default_factory=deque[str])
    first: int = 0
    """Number of the first line held."""
    chars: int = 0
    """Of all lines held."""
    begins: deque[tuple[int, str]] = field(default_factory=deque[tuple[int, str]])
    ends: dict[str, deque[int]] = field(default_factory=dict[str, deque[int]])

    def add(self, line: str) -> None:
        at = self.first + len(self.held)
        self.held.append(line)
        self.chars += len(line)
        found = _BOUNDARY.fullmatch(line)
        if found is not None and found[2] == "A":
            self.begins.append((at, found[1]))
        elif found is not None and found[2] == "Z":
            self.ends.setdefault(found[1], deque()).append(at)

    def settled(self, *, last: bool) -> Iterator[Row | Skipped]:
        """Yield what can be said by now, all if these were the last lines."""
        while self.begins:
            begin, boundary = self.begins[0]
            yield from self._outside(begin)
            end = self._end(boundary)
            if end is not None:
                taken = self._taken(end + 1)
                yield _row(boundary, taken)
            elif last or self.chars > MAX_CHARS:
                self.begins.popleft()
                self._taken(self.begins[0][0] if self.begins else self.first + len(self.held))
                yield _CUT_OFF
            else:
                return
        yield from self._outside(self.first + len(self.held))

    def _end(self, boundary: str) -> int | None:
        ends = self.ends.get(boundary)
        return ends[0] if ends else None

    def _outside(self, until: int) -> Iterator[Skipped]:
        yield from (_OUTSIDE for line in self._taken(until) if not line.isspace())

    def _taken(self, until: int) -> list[str]:
        """Give the lines up to there, and forget what stands in them."""
        found = [self.held.popleft() for _ in range(until - self.first)]
        self.first = until
        self.chars -= sum(map(len, found))
        while self.begins and self.begins[0][0] < until:
            self.begins.popleft()
        for boundary in {ended[1] for line in found if (ended := _BOUNDARY.fullmatch(line))}:
            self._forget(boundary)
        return found

    def _forget(self, boundary: str) -> None:
        """Forget ends that stand in lines no longer held."""
        ends = self.ends.get(boundary, deque())
        while ends and ends[0] < self.first:
            ends.popleft()
        if not ends:
            self.ends.pop(boundary, None)


def _row(boundary: str, taken: Sequence[str]) -> Row | Skipped:
    sections = _sections(boundary, taken)
    head = _HEADER.fullmatch("".join(sections.get("A", ())))
    if head is None:
        return _NO_HEADER
    request, *headers = sections.get("B") or [""]
    answer = _STATUS.match(next(iter(sections.get("F", ())), ""))
    trailer = _named(sections.get("H", ()))
    said = {name: head[name] for name in ("unique_id", "src_ip", "src_port", "dst_ip", "dst_port")} | {
        "sc-status": answer[1] if answer else "",
        "request_body": "".join(sections.get("C") or sections.get("I") or ()).rstrip("\r\n"),
        "engine_mode": _one(trailer, "Engine-Mode").strip('"'),
        "server": _one(trailer, "Server"),
    }
    messages = [message(value) for name, value in trailer if name in ("Message", "ModSecurity")]
    intercepted = _one(trailer, "Action").startswith(_INTERCEPTED)
    return Transaction(head["time"], said, request.strip(), _named(headers), messages, intercepted).row("".join(taken).rstrip("\r\n"))


def _sections(boundary: str, taken: Sequence[str]) -> Mapping[str, list[str]]:
    """Give the lines of each section by its letter; lines that are blank at its end are none of it."""
    sections: dict[str, list[str]] = {}
    current: list[str] = []
    for line in taken:
        found = _BOUNDARY.fullmatch(line)
        if found is not None and found[1] == boundary:
            current = sections.setdefault(found[2], [])
        else:
            current.append(line)
    for section in sections.values():
        while section and section[-1].isspace():
            section.pop()
    return sections


def _named(section: Sequence[str]) -> Headers:
    parted = (line.rstrip("\r\n").partition(": ") for line in section)
    return [(name, value) for name, colon, value in parted if colon]


def _one(trailer: Headers, name: str) -> str:
    return next((value for known, value in trailer if known == name), "")


modsecurity_serial = Reader("modsecurity_serial", sniff, rows)
