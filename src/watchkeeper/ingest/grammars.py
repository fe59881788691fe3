"""The shipped grammars: which of them a message is for, and what it says by it. Owns the choice; what steps do stands in `grammar_steps`.

The program that the syslog header names is looked up first; among its grammars, and then among those that go by the message alone, one set
of patterns decides, so that the time does not grow with the number of grammars.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache, cached_property, lru_cache, partial
from typing import NamedTuple

from watchkeeper.content import folder
from watchkeeper.ingest.grammar import Grammar, read
from watchkeeper.ingest.grammar_steps import Does, compiled, template, temporary
from watchkeeper.ingest.linear import PatternSet
from watchkeeper.ingest.log_times import reads
from watchkeeper.ingest.logsources import log_source
from watchkeeper.ingest.reader import Row
from watchkeeper.ingest.syslog import Message
from watchkeeper.ingest.years import Moment, Years
from watchkeeper.model.batch import Value
from watchkeeper.model.logsource import LogSource


class Source:
    """One grammar, ready to read messages; its steps are compiled when the first comes."""

    def __init__(self, grammar: Grammar) -> None:
        """Take a grammar that has been checked."""
        self.grammar = grammar
        self._logsources: dict[str, LogSource] = {}

    @cached_property
    def _steps(self) -> Sequence[Does]:
        return [_like(step.of, step.like) if step.like else compiled(step, self.grammar.names) for step in self.grammar.steps]

    @cached_property
    def _temporary(self) -> frozenset[str]:
        return temporary(self.grammar.steps)

    @cached_property
    def _empty(self) -> tuple[str, ...]:
        return tuple(self.grammar.empty)

    @cached_property
    def _times(self) -> Sequence["_When"]:
        return [_When(template(one.text), reads(one.format)) for one in self.grammar.time]

    def row(self, message: Message, years: Years) -> Row:
        """Read a message."""
        fields: dict[str, Value] = {"message": message.text, **message.fields, **self.grammar.fields}
        event_type = self._read(fields)
        time = self._time(fields, message, years) if self._times else header_time(message, fields, years)
        host = (self._host(fields) if self.grammar.host else "") or message.host
        self._tidy(fields)
        if self.grammar.annotates and message.program:
            return Row(log_source("linux", "syslog"), time, host, fields, message.raw)
        return Row(self._logsources.get(event_type) or self._logsource(event_type), time, host, fields, message.raw)

    def _logsource(self, event_type: str) -> LogSource:
        """Give the log source of events of a type, and keep it for the next: types are words of the grammar."""
        made = self._logsources[event_type] = log_source(self.grammar.product, self.grammar.service, event_type)
        return made

    def fields(self, text: str) -> dict[str, Value]:
        """Give the fields of a text, `message` among them."""
        fields: dict[str, Value] = {"message": text, **self.grammar.fields}
        self._read(fields)
        self._tidy(fields)
        return fields

    def _read(self, fields: dict[str, Value]) -> str:
        event_type = ""
        for step in self._steps:
            event_type = step(fields) or event_type
        return event_type

    def _tidy(self, fields: dict[str, Value]) -> None:
        """Leave out what stands for none and what was for later steps only."""
        if empty := self._empty:
            for name in [name for name, value in fields.items() if value in empty and name != "message"]:
                del fields[name]
        for name in self._temporary:
            fields.pop(name, None)

    def _time(self, fields: dict[str, Value], message: Message, years: Years) -> datetime | None:
        for filled, read_text in self._times:
            found = read_text(text) if (text := filled(fields)) else None
            if found is not None:
                return years.settle(found, fields)
        return header_time(message, fields, years)

    def _host(self, fields: dict[str, Value]) -> str:
        for name in self.grammar.host:
            value = fields.get(name)
            if isinstance(value, str) and value and value not in self._empty:
                return value
        return ""


def _like(of: str, name: str) -> Does:
    other = Source(read(folder("sources") / f"{name}.yml"))
    return partial(_as_other, of, other)


def _as_other(of: str, other: Source, fields: dict[str, Value]) -> str:
    text = fields.get(of)
    if isinstance(text, str) and text:
        found = other.fields(text)
        found.pop("message")
        fields.update({name: value for name, value in found.items() if name not in fields})
    return ""


def header_time(message: Message, fields: dict[str, Value], years: Years) -> datetime | None:
    """Give the time of the syslog header, with the year that the file's other lines suggest where it has none."""
    if message.time is not None:
        return years.settle((message.time, True), fields)
    return None if message.yearless is None else years.settle((message.yearless, False), fields)


_ORDER = ("", "product", "anything")


class _Choice:
    """Sources that are told apart by the message, and the one that takes what none of them does."""

    def __init__(self, ways: Iterable["_Recognised"]) -> None:
        ordered = sorted(ways, key=lambda way: (_ORDER.index(way.source.grammar.general), way.rank, way.source.grammar.name))
        by_message = [way for way in ordered if way.pattern]
        self._sources = [way.source for way in by_message]
        self._set = PatternSet([way.pattern for way in by_message]) if by_message else None
        self._other = next((way.source for way in ordered if not way.pattern), None)

    def source(self, text: str) -> Source | None:
        at = -1 if self._set is None else self._set.first(text)
        return self._sources[at] if at >= 0 else self._other


class Grammars:
    """Some grammars, indexed."""

    def __init__(self, grammars: Iterable[Grammar], first: Iterable[Grammar] = ()) -> None:
        """Index grammars that have been checked; those of `first` go before others of their kind.

        Raises:
            ValueError: all their patterns together are more than RE2 can hold.
        """
        programs: dict[str, list[_Recognised]] = defaultdict(list)
        anywhere: list[_Recognised] = []
        for rank, grammar in (*((0, one) for one in first), *((1, one) for one in grammars)):
            source = Source(grammar)
            for way in grammar.recognise:
                found = _Recognised(source, way.message, rank)
                for name in way.programs:
                    programs[name.lower()].append(found)
                if not way.programs:
                    anywhere.append(found)
        self._programs = {name: _Choice(ways) for name, ways in programs.items()}
        self._anywhere = _Choice(way for way in anywhere if not way.source.grammar.general)
        self._general = _Choice(way for way in anywhere if way.source.grammar.general)

    def source(self, message: Message) -> Source | None:
        """Give the source whose message this is; none if no grammar takes it."""
        if message.program:
            name = _program(message.program)
            choice = self._programs.get(name) or self._programs.get(name.partition("/")[0])
            found = None if choice is None else choice.source(message.text)
            if found is not None:
                return found
        return self._anywhere.source(message.text) or self._general.source(message.text)


class _Recognised(NamedTuple):
    source: Source
    pattern: str
    rank: int


class _When(NamedTuple):
    filled: Callable[[Mapping[str, Value]], str]
    read_text: Callable[[str], Moment | None]


@lru_cache(maxsize=4_096)
def _program(written: str) -> str:
    """Compare programs without case, without the folder they were started from, and without what PAM puts behind in brackets."""
    name = written.lower().partition("(")[0]
    return name.rpartition("/")[2] if name.startswith("/") else name


@cache
def shipped() -> Grammars:
    """Give the grammars in `content/sources`, indexed.

    Raises:
        ValueError: one of them is none; the message names file, line and what to do.
    """
    return Grammars(shipped_grammars())


@cache
def shipped_grammars() -> tuple[Grammar, ...]:
    """Give the grammars in `content/sources`.

    Raises:
        ValueError: one of them is none; the message names file, line and what to do.
    """
    return tuple(read(path) for path in sorted(folder("sources").glob("*.yml")))
