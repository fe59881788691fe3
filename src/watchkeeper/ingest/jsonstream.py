"""JSON objects out of a byte stream: one a line, in an array, pretty-printed or concatenated. Owns cutting and decoding, not meaning."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import IO, NamedTuple, cast

import msgspec
import regex

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
_UNCLOSED = re.compile(rb'"(?:[^"\\\n]++|\\.)*+')
_BRACKET = re.compile(rb"[{}\]]")
_MAX_INDENT = 256
_MAX_NESTING = 256
"""Objects and arrays within each other; far below where Python stops, so that whatever is decoded can also be walked and written again."""
_strict = msgspec.json.Decoder(float_hook=str)
_lenient = json.JSONDecoder(strict=False, parse_float=str, parse_constant=str)


class Record(NamedTuple):
    """One object, and its text as it stands in the file without what separates records."""

    value: dict[str, Json]
    raw: str


def records(stream: IO[bytes], *, within: tuple[str, ...] = ()) -> Iterator[Record | Skipped]:
    """Yield each object, and a `Skipped` for each stretch that is none; blank lines are no records.

    `within` names members that hold the records when the stream begins with an object that opens with such a member, as
    `{"Records": [...]}`; what else that object has is no record, and more such objects may follow. A broken line of newline-delimited JSON
    costs that line; elsewhere reading resumes at the next line that opens an object indented no deeper than the broken one.
    Source: RFC 8259.
    """
    piece = next((line for line in iter(lambda: stream.readline(_CHUNK_BYTES), b"") if line.strip(_BETWEEN)), b"")
    cutter = _Cutter(_wrapper(within, piece))
    at_line_start = True
    while piece:
        alone = at_line_start and cutter.alone(piece) and (len(piece) < _CHUNK_BYTES or piece.endswith(b"\n"))
        yield from _line(piece, cutter) if alone else _cut(piece, cutter)
        at_line_start = piece.endswith(b"\n")
        piece = _next_piece(stream, cutter)
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
    return _record(value, raw)


def decode_text(text: str) -> Record | Skipped:
    """Decode one object that is text already."""
    try:
        value = cast("Json", _strict.decode(text))
    except (ValueError, RecursionError):
        return decode(text.encode(errors="replace"))
    return _record(value, text)


def too_deep(value: object, text: str) -> bool:
    """Say whether what a text holds is nested deeper than any record is."""
    if text.count("{") + text.count("[") <= _MAX_NESTING:
        return False
    level = [value]
    for _ in range(_MAX_NESTING):
        level = [inner for one in level for inner in _inside(one)]
    return bool(level)


def _inside(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return cast("dict[str, object]", value).values()
    return cast("list[object]", value) if isinstance(value, list) else ()


def _record(value: Json, raw: str) -> Record | Skipped:
    if not isinstance(value, dict):
        return NOT_JSON
    return TOO_DEEP if too_deep(value, raw) else Record(value, raw)


def _wrapper(within: tuple[str, ...], piece: bytes) -> regex.Pattern[bytes] | None:
    """Give the pattern of what opens a document that holds records, if the first piece does."""
    found = regex.compile(rb'\s*\{\s*"(?:%s)"\s*:\s*\[' % "|".join(map(re.escape, within)).encode())
    return found if within and found.match(piece.removeprefix(b"\xef\xbb\xbf")) else None


class _Cutter:
    """Cuts a text into its outermost objects by counting braces outside strings. Owns how far it has come.

    With `wrapper` the objects stand in arrays within documents; `wrapped` says whether it is in such an array.
    """

    def __init__(self, wrapper: regex.Pattern[bytes] | None) -> None:
        self._wrapper = wrapper
        self._wrapped = False
        self._closing = 0
        self._document_indent = 0
        self._text = b""
        self._at_line_start = True
        self._overlong = False
        self._at: int = 0
        self._done: int = 0
        self._unclosed = 0
        """How far a string goes that its line does not close, outside of any object: none of the quotes up to there opens another."""
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
        self._unclosed -= self._done
        self._done = 0
        while (token := (_BRACKET if self._at < self._unclosed and self._depth == 0 else _TOKEN).search(self._text, self._at)) is not None:
            kind, start = token[0], token.start()
            if kind == b'"' or (kind == b"{" and self._depth == 0):
                if self._unfinished(kind, start):
                    self._at = start
                    return
            elif len(kind) > 1:  # a whole string
                self._at = token.end()
                continue
            self._at = token.end()
            yield from self._step(kind, start)
        self._at = len(self._text)
        if self.pending >= MAX_RECORD_BYTES:
            yield from self._give_up()

    def _unfinished(self, kind: bytes, start: int) -> bool:
        """Say whether only more text can tell what a quote without its like, or a brace that may open a document, is."""
        if self.pending >= MAX_RECORD_BYTES:
            return False
        if kind == b'"':
            return self._text.find(b"\n", start) < 0
        opened = self._document(start)
        return opened is not None and opened.partial

    def _document(self, start: int) -> "regex.Match[bytes] | None":
        """Give what opens a document at `start`, whole or as far as there is text; none if something else begins there."""
        if self._wrapper is None or self._wrapped or self._depth or self._closing:
            return None
        return self._wrapper.match(self._text, start, partial=True)

    @property
    def idle(self) -> bool:
        """Whether it stands outside any object."""
        return self._depth == 0 and self._at >= len(self._text)

    def alone(self, line: bytes) -> bool:
        """Say whether a line may be a record by itself: it neither goes on with an object nor opens or closes a document."""
        if not self.idle or self._wrapper is None:
            return self.idle
        text = line.strip(b" \t\r\n,")
        return self._wrapped and text.startswith(b"{") and text.endswith(b"}")

    def end(self, at: int | None = None) -> Iterator[Skipped]:
        """Say whether something is left over, up to there or all, and forget it."""
        if self._text[self._done : at].strip(_DEBRIS):
            yield NOT_JSON
        self._forget(len(self._text) if at is None else at)

    def _step(self, token: bytes, start: int) -> Iterator[bytes | Skipped]:
        if self._closing:
            yield from self._close(token, start)
        elif token == b"{":
            yield from self._open(start)
        elif token == b"}" and self._depth:
            self._depth -= 1
            if self._depth == 0:
                yield self._text[self._done : self._at] if self._at - self._done <= MAX_RECORD_BYTES else TOO_LONG
                self._done = self._at
        elif token == b"]" and self._wrapped and self._depth == 0:
            yield from self.end(start)
            self._wrapped, self._closing = False, 1
            self._forget(start + 1)
        elif token == b'"':
            yield from self._unclosed_string(start)

    def _unclosed_string(self, start: int) -> Iterator[Skipped]:
        """Within an object the rest of the line is lost; outside of one the string is no more than a few odd characters."""
        line_end = self._text.find(b"\n", start)
        if self._depth and line_end < 0:
            yield from self._give_up()
        elif self._depth:
            yield NOT_JSON
            self._forget(line_end)
        elif (string := _UNCLOSED.match(self._text, start)) is not None:
            self._unclosed = string.end()

    def _close(self, token: bytes, start: int) -> Iterator[Skipped]:
        """Pass over what a document has behind its records, up to its end or to where another object begins in its place."""
        indent = self._indentation(start) if token == b"{" else None
        if indent is not None and indent <= self._document_indent:
            self._closing = 0
            self._done = start
            yield from self._open(start)
        elif token == b'"':
            yield from self._unclosed_string(start)
        else:
            self._closing += {b"{": 1, b"}": -1}.get(token, 0)
            self._done = self._at

    def _open(self, start: int) -> Iterator[Skipped]:
        indent = self._indentation(start)
        document = self._document(start)
        if self._depth == 0 or (indent is not None and indent <= self._indent):
            if self._text[self._done : start].strip(_DEBRIS):
                yield NOT_JSON
            self._done, self._depth = start, 0
            self._indent = self._indent if indent is None else indent
        if document is None or document.partial:
            self._depth += 1
        else:
            self._wrapped, self._document_indent = True, indent or 0
            self._done = self._at = document.end()

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
