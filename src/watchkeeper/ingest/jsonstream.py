"""JSON objects out of a byte stream: one a line, in an array, pretty-printed or concatenated. Owns cutting and decoding, not meaning."""

import json
import re
from collections.abc import Iterator
from itertools import chain
from typing import IO, NamedTuple, cast

import msgspec

from watchkeeper.ingest.lines import MAX_RECORD_BYTES, TOO_LONG, lines
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
    first = next((line for line in lines(stream) if isinstance(line, Skipped) or line.strip(_BETWEEN)), b"")
    if isinstance(first, Skipped):
        first = b""
        yield TOO_LONG
    wrapped = _wrapper(within).match(first) if within else None
    if wrapped is None and isinstance(decode(first.strip(_BETWEEN)), Record):
        yield from _by_line(chain((first,), lines(stream)))
        return
    opening = first[wrapped.end() :] if wrapped else first
    for cut in _objects(chain((opening,), iter(lambda: stream.read(_CHUNK_BYTES), b"")), wrapped=wrapped is not None):
        yield cut if isinstance(cut, Skipped) else decode(cut)


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


def _by_line(found: Iterator[bytes | Skipped]) -> Iterator[Record | Skipped]:
    for line in found:
        if isinstance(line, Skipped):
            yield line
            continue
        text = line.strip(_BETWEEN)
        if not text:
            continue
        record = decode(text)
        if record is NOT_JSON and b"{" in text[1:]:
            for cut in _objects(iter((text,)), wrapped=False):
                yield cut if isinstance(cut, Skipped) else decode(cut)
        else:
            yield record


def _wrapper(names: tuple[str, ...]) -> re.Pattern[bytes]:
    return re.compile(rb'\s*\{\s*"(?:%s)"\s*:\s*\[' % "|".join(map(re.escape, names)).encode())


def _objects(chunks: Iterator[bytes], *, wrapped: bool) -> Iterator[bytes | Skipped]:
    """Cut a text into its outermost objects by counting braces outside strings; `wrapped`: stop where the enclosing array ends."""
    cutter = _Cutter(wrapped=wrapped)
    for chunk in chunks:
        yield from cutter.feed(chunk)
        if cutter.ended:
            return
    yield from cutter.end()


class _Cutter:
    """Where the cutting stands: the text not yet cut, how deep in an object it is, and how far that object is indented."""

    def __init__(self, *, wrapped: bool) -> None:
        self.ended = False
        self._wrapped = wrapped
        self._text = b""
        self._at = 0
        self._done = 0
        self._depth = 0
        self._indent = 0

    def feed(self, chunk: bytes) -> Iterator[bytes | Skipped]:
        """Take more text and yield the objects that it completes."""
        self._text = self._text[self._done :] + chunk
        self._at -= self._done
        self._done = 0
        while not self.ended and (token := _TOKEN.search(self._text, self._at)):
            if token[0] == b'"' and self._text.find(b"\n", token.start()) < 0 and self._length() < MAX_RECORD_BYTES:
                self._at = token.start()
                return
            self._at = token.end()
            yield from self._step(token[0], token.start())
        self._at = len(self._text)
        if self._length() >= MAX_RECORD_BYTES:
            yield TOO_LONG
            self._forget(len(self._text))

    def end(self) -> Iterator[bytes | Skipped]:
        """Say what is left over."""
        if self._text[self._done :].strip(_DEBRIS):
            yield NOT_JSON

    def _step(self, token: bytes, start: int) -> Iterator[bytes | Skipped]:
        if token == b"{":
            yield from self._open(start)
        elif token == b"}" and self._depth:
            self._depth -= 1
            if self._depth == 0:
                yield self._text[self._done : self._at]
                self._done = self._at
        elif token == b"]":
            self.ended = self._wrapped and self._depth == 0
        elif token == b'"' and self._depth:
            line_end = self._text.find(b"\n", start)
            yield TOO_LONG if line_end < 0 else NOT_JSON
            self._forget(len(self._text) if line_end < 0 else line_end)

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
        if (line == 0 and start) or self._text[line:start].strip(b" \t"):
            return None
        return start - line

    def _length(self) -> int:
        return len(self._text) - self._done

    def _forget(self, until: int) -> None:
        self._done = self._at = until
        self._depth = 0
