"""Lines of JSON through the engine. Owns what the walk is told of names, sources and kinds; what a line means is `detection.lines`'s.

data ─► pieces of a megabyte ─► marks ─► walk ─► match, answers ─► hits
                                 │ source or kind not known: read that line, learn, walk on from it
                                 └ odd lines, unsure rules, keywords found: the reference decides
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from watchkeeper.detection.logsources import LineNames
from watchkeeper.detection.plan import Plan, Plans, Ready
from watchkeeper.detection.sigma.condition import SameAs
from watchkeeper.detection.sigma.fused import kernels_walk as kernels
from watchkeeper.detection.sigma.fused.engine import ESCAPED, PLACES, Answers, Engine, Integers
from watchkeeper.detection.sigma.fused.keywords import Search
from watchkeeper.detection.sigma.fused.kinds import Kind
from watchkeeper.detection.sigma.fused.tables import MOST_FRESH, longer
from watchkeeper.jsonlines import kernels_hash as hashes
from watchkeeper.jsonlines import kernels_json as shapes
from watchkeeper.model.batch import Value
from watchkeeper.model.logsource import LogSource

U = np.uint64
PIECE_BYTES = 1 << 20
MOST_EVENTS = 1 << 15
_PADDING = 128
_MOST_BITS = 64
_MOST_SOURCES_IN_MADE = 6

Found = tuple[int, int, int]
"""Begin of a line, its bytes, place of a rule."""


class Meaning(Protocol):
    """What lines mean, as the engine's caller knows it."""

    @property
    def plans(self) -> Plans:
        """The plans."""
        ...

    @property
    def names(self) -> LineNames:
        """What fields are called."""
        ...

    @property
    def fixed(self) -> Mapping[str, str]:
        """Native field that tells the `service`, and the `event_type`."""
        ...

    def fields(self, line: bytes) -> Mapping[str, Value] | None:
        """Give the fields of a line; none if it is malformed."""
        ...

    def source(self, fields: Mapping[str, Value]) -> LogSource:
        """Give the log source of an event."""
        ...

    def plan(self, fields: Mapping[str, Value]) -> Plan:
        """Give the plan an event needs."""
        ...


class Oracle(Protocol):
    """Who decides where the engine cannot."""

    def of_line(self, line: bytes) -> list[int]:
        """Give the places of the rules that hold on a line, and count it."""
        ...

    def holds(self, ready: Ready, plan: Plan, fields: Mapping[str, Value]) -> bool:
        """Say whether one rule of a plan holds on an event."""
        ...


class FusedLines:
    """Finds the rules that hold on lines."""

    def __init__(self, meaning: Meaning, places: Mapping[str, int], oracle: Oracle, table_places: int = PLACES) -> None:
        """Take what lines mean, the places of rules by id, who decides in doubt, and how many places the value table has."""
        self._meaning, self._places, self._oracle = meaning, places, oracle
        self._engine = Engine(table_places)
        self.events = 0
        self._buffer = np.zeros(0, np.uint8)
        self._slots = np.empty(1 << 18, np.int32)
        self._lines = np.empty((MOST_EVENTS, 2), np.int64)
        self._kinds = np.empty(MOST_EVENTS, np.int32)
        self._offsets = np.empty(MOST_EVENTS + 1, np.int64)
        self._fresh = np.empty((MOST_FRESH, 4), np.int64)
        self._odd = np.empty((MOST_EVENTS, 2), np.int64)
        self._marks = np.empty(0, np.uint32)
        self._missing = np.zeros(2, np.uint64)
        self._start()

    def _start(self) -> None:
        """Know no names, sources or kinds."""
        self._keys: dict[str, int] = {}
        self._names = np.zeros((1 << 14, 2), np.uint64)
        self._name_values = np.full((1 << 14, 3), -1, np.int32)
        self._bits = np.zeros(64, np.uint64)
        self._bit: dict[str, int] = {}
        self._sources = np.zeros((1 << 14, 2), np.uint64)
        self._source_values = np.zeros(1 << 14, np.int32)
        self._masks = np.zeros(64, np.uint64)
        self._source_count = 0
        self._kind_keys = np.zeros((1 << 14, 2), np.uint64)
        self._kind_values = np.zeros(1 << 14, np.int32)
        self._kind_count = 0
        self._wants = np.full((64, 64), -1, np.int32)
        self._made_at = np.zeros((64, 2), np.int32)
        self._made = np.zeros((0, 2 + _MOST_SOURCES_IN_MADE), np.int32)
        self._pairs_at = np.zeros((64, 2), np.int32)
        self._pairs = np.zeros((0, 4), np.int32)
        self._searches: dict[frozenset[str], Search] = {}
        self._texts: list[frozenset[str]] = []
        self._wanting: dict[frozenset[str], NDArray[np.bool_]] = {}
        self._aliases: dict[str, list[tuple[int, str]]] = {}
        for rank, (path, name) in enumerate(self._meaning.names.names.items(), 1):
            self._aliases.setdefault(name, []).append((rank, path))
            self._name(kernels.ALIAS, path, (kernels.NOBODYS, rank, self._flags(path)))
        for path in self._meaning.names.inside:
            whole, inner = path.removesuffix(".*"), path.endswith(".*")
            if whole not in self._meaning.names.names:
                self._name(kernels.ALIAS, whole, (kernels.NO_ALIAS, 0, self._flags(whole) | (2 if inner else 1)))
        fixed = self._meaning.fixed
        self._fixed = np.array([self._key(fixed[part]) if part in fixed else -1 for part in ("service", "event_type")], np.int64)

    def hits(self, data: bytes) -> list[Found]:
        """Give what holds on whole lines, in no particular order."""
        found: list[Found] = []
        start = 0
        while start < len(data):
            end = data.find(b"\n", min(start + PIECE_BYTES, len(data)) - 1)
            end = len(data) if end < 0 else end + 1
            found.extend((start + begin, size, place) for begin, size, place in self._piece(memoryview(data)[start:end]))
            start = end
        return found

    def _piece(self, data: memoryview) -> Iterator[Found]:
        size = len(data)
        if len(self._buffer) < size + _PADDING:
            self._buffer = np.zeros(2 * size + _PADDING, np.uint8)
            self._marks = np.empty(2 * size + _PADDING, np.uint32)
        self._buffer[:size] = np.frombuffer(data, np.uint8)
        self._buffer[size : size + _PADDING] = 0
        base = U(self._buffer.ctypes.data)
        known = shapes.marks(base, U(size), self._marks)
        state = np.zeros(6, np.int64)
        reason = -1
        while reason != kernels.DONE:
            reason = self._walk(base, size, known, state)
            if reason in (kernels.NEW_SOURCE, kernels.NEW_KIND):
                yield from self._learn(reason, self._line(int(state[0]), size), state)
            else:
                yield from self._settled(state)

    def _walk(self, base: np.uint64, size: int, known: int, state: Integers) -> int:
        tables = self._engine.tables
        walk = cast("Callable[..., int]", kernels.walk)
        return walk(
            base, U(size), self._marks, known, self._names, self._name_values, self._bits, self._sources, self._source_values, self._masks,
            self._kind_keys, self._kind_values, self._wants, self._made_at, self._made, self._pairs_at, self._pairs, tables.secret,
            tables.young, tables.signatures, tables.old, tables.old_signatures, tables.closed, tables.counts, self._lines, self._kinds,
            self._offsets, self._slots, self._fresh, self._odd, state, self._fixed, self._missing,
        )  # fmt: skip

    def _settled(self, state: Integers) -> Iterator[Found]:
        """Answer for the events of the piece so far, and forget them."""
        events, used, new, odd = (int(one) for one in state[2:6])
        state[2:6] = 0
        left = self._odd[:odd].tolist()
        try:
            self._matched(self._fresh[:new])
        except Exception:  # noqa: BLE001 - a rule that fails on a value: the reference finds out which one, and counts it
            self._engine.tables.forget()
            left += self._lines[:events].tolist()
        else:
            self.events += events
            yield from self._answered(events, used)
        for begin, end in left:
            yield from ((begin, end - begin, place) for place in self._oracle.of_line(self._bytes(begin, end)))
        self._engine.tables.settle()

    def _matched(self, fresh: Integers) -> None:
        written = fresh[:, 1] >= 0
        if written.any():
            self._engine.match(self._buffer, fresh[written], ESCAPED)
        if not written.all():
            self._match_made(fresh[~written])

    def _answered(self, events: int, used: int) -> Iterator[Found]:
        answers = self._engine.answers(self._kinds[:events], self._offsets[: events + 1], self._slots[:used])
        asked = self._keyworded(events)
        yield from self._decided(answers, asked)
        for event, rules in asked.items():
            begin, end = self._lines[event].tolist()
            kind = self._engine.kinds.all[int(self._kinds[event])]
            yield from ((begin, end - begin, self._places[rule.rule.id]) for rule in self._asked(begin, end, kind, rules))

    def _decided(self, answers: Answers, asked: Mapping[int, list[Ready]]) -> Iterator[Found]:
        ready = self._engine.kinds.ready
        for event, program, unsure in zip(answers.events.tolist(), answers.programs.tolist(), answers.unsure.tolist(), strict=True):
            kind, rule = ready[int(program)]
            if rule in asked.get(event, ()):
                continue
            begin, end = self._lines[event].tolist()
            if not unsure or self._asked(begin, end, kind, [rule]):
                yield begin, end - begin, self._places[rule.rule.id]

    def _asked(self, begin: int, end: int, kind: Kind, rules: list[Ready]) -> list[Ready]:
        fields = self._meaning.fields(self._bytes(begin, end)) or {}
        return [rule for rule in rules if self._oracle.holds(rule, kind.plan, fields)]

    def _keyworded(self, events: int) -> dict[int, list[Ready]]:
        """Give the rules of which a keyword may stand in an event, by event.

        What every kind looks for is searched in all bytes; what some look for besides, in the bytes of their events: few texts are found
        several times as fast as many.
        """
        if not events:
            return {}
        kinds = self._kinds[:events]
        found: dict[int, set[str]] = {}
        for texts, wanting in self._wanting.items():
            lines = np.flatnonzero(wanting[kinds])
            if len(lines):
                self._search(texts, lines, found)
        all_kinds = self._engine.kinds.all
        return {
            event: rules
            for event, stands in found.items()
            if (rules := [rule for rule, wanted in all_kinds[int(kinds[event])].keyworded if not wanted.isdisjoint(stands)])
        }

    def _search(self, texts: frozenset[str], lines: Integers, found: dict[int, set[str]]) -> None:
        """Add to some events the texts that stand in their lines."""
        search = self._searches.get(texts)
        if search is None:
            search = self._searches[texts] = Search(sorted(texts), escaped=True)
        spans = self._lines[lines]
        if 2 * len(lines) > lines[-1] + 1:
            begin = int(spans[0, 0])
            numbers, ends = search.found(self._buffer[begin : int(spans[-1, 1])])
            begins = spans[:, 0] - begin
        else:
            numbers, ends = search.found(np.concatenate([self._buffer[begin:end] for begin, end in spans.tolist()]))
            begins = np.cumsum(spans[:, 1] - spans[:, 0]) - (spans[:, 1] - spans[:, 0])
        of = lines[np.searchsorted(begins, ends - 1, side="right") - 1]
        for event, number in set(zip(of.tolist(), numbers.tolist(), strict=True)):
            found.setdefault(event, set()).update(search.meant(int(number)))

    def _match_made(self, fresh: Integers) -> None:
        texts: list[str] = []
        for field, event in zip(fresh[:, 0].tolist(), (-1 - fresh[:, 1]).tolist(), strict=True):
            kind = self._engine.kinds.all[int(self._kinds[event])]
            fields = self._meaning.fields(self._bytes(*self._lines[event].tolist())) or {}
            name = next(name for name, number in kind.fields.items() if number == field)
            texts.append(kind.plan.derived[name].fill(fields) or "")
        self._engine.match_texts(texts, fresh)

    def _learn(self, reason: int, line: bytes, state: Integers) -> Iterator[Found]:
        fields = self._meaning.fields(line) or {}
        if self._engine.crowded or self._source_count + self._kind_count > len(self._kind_keys) // 4:
            yield from self._settled(state)
            self._engine.forget()
            self._start()
            return
        missing = (self._missing[0], self._missing[1])
        if reason == kernels.NEW_SOURCE:
            self._source_values[hashes.put(self._sources, *missing)] = self._source(self._meaning.source(fields))
        else:
            self._kind_values[hashes.put(self._kind_keys, *missing)] = self._kind(self._engine.kind(self._meaning.plan(fields)))
            self._kind_count += 1

    def _source(self, source: LogSource) -> int:
        deciding = self._meaning.plans.deciding(source)
        bits = [self._bit.setdefault(name, len(self._bit)) for name in sorted(deciding)]
        number, self._source_count = self._source_count, self._source_count + 1
        if max(bits, default=0) >= _MOST_BITS:
            return -1
        for name, bit in zip(sorted(deciding), bits, strict=True):
            key = self._key(name)
            self._bits[key] = U(1 << bit)
        if number >= len(self._masks):
            self._masks = longer(self._masks, number + 1)
        self._masks[number] = U(sum(1 << bit for bit in set(bits)))
        return number

    def _kind(self, kind: Kind) -> int:
        """Give the number of a kind; teach the walk what is asked of its events when it first comes: several keys may lead to one kind."""
        if kind.number < len(self._texts):
            return kind.number
        derived = kind.plan.derived
        keys = {self._key(name): number for name, number in kind.fields.items() if name not in derived}
        made = [(number, [self._key(one) for one in derived[name].sources]) for name, number in kind.fields.items() if name in derived]
        if kind.number >= len(self._wants):
            self._wants = _widened(self._wants, (2 * kind.number, self._wants.shape[1]))
            self._made_at = longer(self._made_at, kind.number + 1)
            self._pairs_at = longer(self._pairs_at, kind.number + 1)
        for key, number in keys.items():
            self._wants[kind.number, key] = number
        rows = [[number, len(sources), *sources, *[0] * (_MOST_SOURCES_IN_MADE - len(sources))] for number, sources in made]
        self._made_at[kind.number] = len(self._made), len(self._made) + len(rows)
        self._made = np.concatenate([self._made, np.array(rows, np.int32).reshape(-1, 2 + _MOST_SOURCES_IN_MADE)])
        pairs = [self._pair(kind, name, test, atom) for (name, test), atom in kind.pairs.items()]
        self._pairs_at[kind.number] = len(self._pairs), len(self._pairs) + len(pairs)
        self._pairs = np.concatenate([self._pairs, np.array(pairs, np.int32).reshape(-1, 4)])
        self._texts.append(frozenset[str]().union(*(wanted for _, wanted in kind.keyworded)))
        everywhere = frozenset[str].intersection(*self._texts)
        self._wanting = {everywhere: np.ones(len(self._texts), np.bool_)} if everywhere else {}
        for texts in {one - everywhere for one in self._texts} - {frozenset[str]()}:
            self._wanting[texts] = np.array([one - everywhere == texts for one in self._texts], np.bool_)
        return kind.number

    def _pair(self, kind: Kind, name: str, test: SameAs, atom: int) -> tuple[int, int, int, int]:
        """Give two keys, the slot that says their values are alike (-1: only the reference can tell), and the one that says they may be."""
        alike, maybe = self._engine.tables.slot(atom), self._engine.tables.slot(atom + 1)
        if name in kind.plan.derived or test.field in kind.plan.derived:
            return -1, -1, -1, maybe
        plain = not (test.starts or test.ends or test.cased)
        return self._key(name), self._key(test.field), alike if plain else -1, maybe

    def _key(self, name: str) -> int:
        """Give the number of a native name; teach the walk all its spellings when it is first asked for."""
        known = self._keys.get(name)
        if known is not None:
            return known
        key = self._keys[name] = len(self._keys)
        if key >= len(self._bits):
            self._bits = longer(self._bits, key + 1)
            self._wants = _widened(self._wants, (len(self._wants), len(self._bits)))
        self._name(kernels.NAME, name, (key, 0, 0))
        if name not in self._meaning.names.names:
            self._name(kernels.TOP, name, (key, 0, 0))
        for rank, path in self._aliases.get(name, ()):
            self._name(kernels.ALIAS, path, (key, rank, self._flags(path)))
            self._name(kernels.TOP, path, (key, rank, 0))
        return key

    def _flags(self, path: str) -> int:
        inside = self._meaning.names.inside
        return (path in inside) + 2 * (f"{path}.*" in inside)

    def _name(self, salt: np.uint64, text: str, values: tuple[int, int, int]) -> None:
        if len(self._keys) * 8 > len(self._names):
            raise ValueError(f"the rules look at more than {len(self._keys):,} fields; split the rule set")
        h0, h1 = cast("tuple[int, int]", hashes.hashed_text(_bytes(text), salt, self._engine.tables.secret))
        self._name_values[hashes.put(self._names, U(h0), U(h1))] = values

    def _line(self, begin: int, size: int) -> bytes:
        text = self._buffer[begin:size].tobytes()
        return text.partition(b"\n")[0]

    def _bytes(self, begin: int, end: int) -> bytes:
        return self._buffer[begin:end].tobytes()


def _bytes(text: str) -> NDArray[np.uint8]:
    return np.array(bytearray(text.encode(errors="replace")), np.uint8)


def _widened(array: NDArray[np.int32], shape: tuple[int, int]) -> NDArray[np.int32]:
    widened = np.full(shape, -1, np.int32)
    widened[: array.shape[0], : array.shape[1]] = array
    return widened
