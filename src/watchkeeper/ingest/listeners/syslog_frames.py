"""Syslog messages out of a stream of bytes. Owns both framings; what a message says is the readers'.

A frame that begins with a number, a blank and `<` has so many bytes; any other ends with its line. Which it is, is told for each frame.
Source: RFC 6587, section 3.4; RFC 5425, section 4.3.
"""

import re
from collections.abc import Iterator

MOST_BYTES = 65_536
_COUNT = re.compile(rb"([1-9]\d{0,8}) (?=<)")
_MAY_BE_COUNT = re.compile(rb"[1-9]\d{0,8} ?\Z")
_COUNT_BYTES = 11
_ENDS = b"\r\n\0"


def one_message(message: bytes) -> bytes:
    """Give a message without what ends it; a line feed within stands as `#012`, as rsyslog writes it."""
    whole = message.rstrip(_ENDS)
    return whole.replace(b"\n", b"#012") if b"\n" in whole else whole


class Frames:
    """Cuts one connection's bytes into messages. Owns what is left over between two pieces, at most one frame."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        """Take how long a message may be; what is longer is cut there."""
        self.cut = 0
        """Messages that were cut so far."""
        self._most = most_bytes
        self._left = b""
        self._skipped = 0
        """Bytes still to come that belong to a message already cut, where they are counted."""
        self._in_long_line = False

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Take more bytes and yield the messages that they complete; blank ones are none."""
        piece = self._without_rest(piece)
        data, at = self._left + piece if self._left else piece, 0
        while at < len(data):
            found = self._next(data, at)
            if found is None:
                break
            message, at = found
            if message:
                yield message
        self._left = data[at:]

    def end(self) -> bytes:
        """Give what is left when the connection ends, as a message of its own; empty if it is nothing."""
        left, self._left = one_message(self._left), b""
        return left

    def _without_rest(self, piece: bytes) -> bytes:
        """Leave out what belongs to a message that was cut."""
        if self._skipped:
            skipped = min(self._skipped, len(piece))
            self._skipped -= skipped
            return piece[skipped:]
        if self._in_long_line:
            end = piece.find(b"\n") + 1
            self._in_long_line = not end
            return piece[end:] if end else b""
        return piece

    def _next(self, data: bytes, at: int) -> tuple[bytes, int] | None:
        """Give the message that begins at a place and where it ends; none until more has come."""
        head = data[at : at + _COUNT_BYTES]
        counted = _COUNT.match(head)
        if counted is not None:
            return self._counted(data, at + counted.end(), int(counted[1]))
        if _MAY_BE_COUNT.match(head) is not None and at + len(head) == len(data):
            return None
        return self._line(data, at)

    def _counted(self, data: bytes, at: int, size: int) -> tuple[bytes, int] | None:
        taken = min(size, self._most)
        if len(data) - at < taken:
            return None
        if size > taken:
            self.cut += 1
            self._skipped = max(0, at + size - len(data))
        return one_message(data[at : at + taken]), min(at + size, len(data))

    def _line(self, data: bytes, at: int) -> tuple[bytes, int] | None:
        end = data.find(b"\n", at)
        size = (len(data) if end < 0 else end) - at
        if size > self._most:
            self.cut += 1
            self._in_long_line = end < 0
            return one_message(data[at : at + self._most]), len(data) if end < 0 else end + 1
        return None if end < 0 else (one_message(data[at:end]), end + 1)
