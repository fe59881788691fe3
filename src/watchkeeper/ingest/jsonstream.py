"""JSON objects out of a byte stream: one a line, in an array, pretty-printed or concatenated. Owns cutting and decoding, not meaning."""

import json
import re
from collections.abc import Iterator
from typing import IO, NamedTuple, cast

import msgspec

from watchkeeper.ingest.lines import MAX_RECORD_BYTES, TOO_LONG
from watchkeeper.ingest.reader import Skipped

Json = str | int | bool | None | list["Json"] | dict[str, "Json"]
"""A decoded value; a number with a fraction or an exponent is text, as written."""

NOT_JSON = Skipped("not JSON")
TOO_DEEP = Skipped("JSON nested too deep")
_CHUNK_BYTES = 262_144
_BETWEEN = b" \t\r\n,[]\x1e\xef\xbb\xbf"
_DEBRIS = _BETWEEN + b"}"
_TOKEN = re.compile(rb'"(?:[^"\\\n]++|\\.)*+"|[{}\]"]')
_MAX_INDENT = 256
_strict = msgspec.json.Decoder(float_hook=str)
_lenient = json.JSONDecoder(strict=False, parse_float=str, parse_constant=str)


class Record(NamedTuple):
    """One object, and its text as it stands in the file without what separates records."""

    value: dict[str, Json]
    raw: str


def records(stream: IO[bytes], *, within: tuple[str, ...] = ()) -> Iterator[Record | Skipped]:
    """Yield each object, and a `Skipped` for each stretch that is none; blank lines are no records.

    `within` names members that hold the records when the document is one object that opens with such a member, as `{"Records": [...]}`.
    A broken line of newline-delimited JSON costs that line; elsewhere reading resumes at the next line that opens an object indented no
    deeper than the broken one. Source: RFC 8259.
    """
    cutter = _Cutter()
    piece = next((line for line in iter(lambda: stream.readline(_CHUNK_BYTES), b"") if line.strip(_BETWEEN)), b"")
    wrapped = _wrapper(within).match(piece) if within else None
    if wrapped is not None:
        cutter.wrapped, piece = True, piece[wrapped.end() :]
    at_line_start = not cutter.wrapped
    while piece and not cutter.ended:
        alone = at_line_start and cutter.idle and (len(piece) < _CHUNK_BYTES or piece.endswith(b"\n"))
        yield from _line(piece, cutter) if alone else _cut(piece, cutter)
        at_line_start = piece.endswith(b"\n")
        piece = _next_piece(stream, cutter)
    if not cutter.ended:
        yield from cutter.end()


def _line(line: bytes, cutter: "_Cutter") -> Iterator[Record | Skipped]:
    """Read a line that may be one record, as nearly all are; if it is none, an object may begin in it."""
    text = line.strip(_BETWEEN)
    record = decode(text) if text else None
    if record is NOT_JSON and b"{" in text:
        yield from _cut(line, cutter)
    elif record is not None:
        yield from cutter.end()
        yield record


def _cut(piece: bytes, cutter: "_Cutter") -> Iterator[Record | Skipped]:
    for cut in cutter.feed(piece):
        yield cut if isinstance(cut, Skipped) else decode(cut)


def _next_piece(stream: IO[bytes], cutter: "_Cutter") -> bytes:
    """Read a line, or more at once while an object spans lines: as much again as it has so far, so that no text is looked at often."""
    if cutter.idle:
        return stream.readline(_CHUNK_BYTES)
    size = max(_CHUNK_BYTES, cutter.pending)
    piece: bytes = getattr(stream, "read1", stream.read)(size)
    return piece if piece[-1:] in (b"", b"\n") else piece + stream.readline(size)


def decode(text: bytes) -> Record | Skipped:
    """Decode one object; what JSON forbids but software writes (control characters, bad UTF-8, lone surrogates, NaN) is let through."""
    try:
        value, raw = cast("Json", _strict.decode(text)), text.decode()
    except RecursionError:
        return TOO_DEEP
    except ValueError:
        raw = text.decode(errors="replace")
        try:
            value = cast("Json", _lenient.decode(raw))
        except RecursionError:
            return TOO_DEEP
        except ValueError:
            return NOT_JSON
    return Record(value, raw) if isinstance(value, dict) else NOT_JSON


def decode_text(text: str) -> Record | Skipped:
    """Decode one object that is text already."""
    try:
        value = cast("Json", _strict.decode(text))
    except (ValueError, RecursionError):
        return decode(text.encode(errors="replace"))
    return Record(value, text) if isinstance(value, dict) else NOT_JSON


def _wrapper(names: tuple[str, ...]) -> re.Pattern[bytes]:
    return re.compile(rb'\s*\{\s*"(?:%s)"\s*:\s*\[' % "|".join(map(re.escape, names)).encode())


class _Cutter:
    """Cuts a text into its outermost objects by counting braces outside strings. Owns how far it has come.

    `wrapped`: the objects stand in an array within the document, and `ended`: that array is over.
    """

    def __init__(self) -> None:
        self.wrapped = False
        self.ended = False
        self._text = b""
        self._at_line_start = True
        self._overlong = False
        self._at = 0
        self._done = 0
        self._depth = 0
        self._indent = 0

    def feed(self, chunk: bytes) -> Iterator[bytes | Skipped]:
        """Take more text and yield the objects that it completes."""
        if self._overlong:
            chunk = chunk[chunk.find(b"\n") :] if b"\n" in chunk else b""
            self._overlong = not chunk
        if self._done:
            self._at_line_start = self._text[self._done - 1 : self._done] == b"\n"
        self._text = self._text[self._done :] + chunk
        self._at -= self._done
        self._done = 0
        while not self.ended and (token := _TOKEN.search(self._text, self._at)):
            if token[0] == b'"' and self._text.find(b"\n", token.start()) < 0 and self.pending < MAX_RECORD_BYTES:
                self._at = token.start()
                return
            self._at = token.end()
            yield from self._step(token[0], token.start())
        self._at = len(self._text)
        if self.pending >= MAX_RECORD_BYTES:
            yield from self._give_up()

    @property
    def idle(self) -> bool:
        """Whether it stands outside any object."""
        return self._depth == 0 and self._at >= len(self._text)

    def end(self) -> Iterator[Skipped]:
        """Say whether something is left over, and forget it."""
        if self._text[self._done :].strip(_DEBRIS):
            yield NOT_JSON
        self._forget(len(self._text))

    def _step(self, token: bytes, start: int) -> Iterator[bytes | Skipped]:
        if token == b"{":
            yield from self._open(start)
        elif token == b"}" and self._depth:
            self._depth -= 1
            if self._depth == 0:
                yield self._text[self._done : self._at] if self._at - self._done <= MAX_RECORD_BYTES else TOO_LONG
                self._done = self._at
        elif token == b"]":
            self.ended = self.wrapped and self._depth == 0
        elif token == b'"' and self._depth:
            line_end = self._text.find(b"\n", start)
            if line_end < 0:
                yield from self._give_up()
            else:
                yield NOT_JSON
                self._forget(line_end)

    def _open(self, start: int) -> Iterator[Skipped]:
        indent = self._indentation(start)
        if self._depth == 0 or (indent is not None and indent <= self._indent):
            if self._text[self._done : start].strip(_DEBRIS):
                yield NOT_JSON
            self._done, self._depth = start, 0
            self._indent = self._indent if indent is None else indent
        self._depth += 1

    def _indentation(self, start: int) -> int | None:
        """Give how far the brace at `start` is indented; none if something stands before it on its line."""
        line = self._text.rfind(b"\n", max(0, start - _MAX_INDENT), start) + 1
        known = line > 0 or (self._at_line_start and start <= _MAX_INDENT)
        return start - line if known and not self._text[line:start].strip(b" \t") else None

    def _give_up(self) -> Iterator[Skipped]:
        """Leave an object that has become too long; what follows on its line belongs to it."""
        yield TOO_LONG
        self._forget(len(self._text))
        self._overlong = True

    @property
    def pending(self) -> int:
        """How many bytes it holds that are not yet cut."""
        return len(self._text) - self._done

    def _forget(self, until: int) -> None:
        self._done = self._at = until
        self._depth = 0
