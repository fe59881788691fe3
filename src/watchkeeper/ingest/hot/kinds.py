"""What is stored of each kind of event, as the schema's mapping says: which native field fills which column, by which program.

A kind is a channel and an event id in one form of line. Owns the tables that the kernel follows; a mapping that says more than they can
hold leaves the kind to the readers.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple, cast

import numpy as np

from watchkeeper.ingest.hot import kernels_events as kernels
from watchkeeper.ingest.hot.names import Names, is_nameable
from watchkeeper.ingest.hot.values import Program, Values, hash_of
from watchkeeper.ingest.identity import host_name
from watchkeeper.ingest.windows_event import logsource
from watchkeeper.jsonlines import kernels_hash as hashes
from watchkeeper.model.logsource import LogSource
from watchkeeper.model.stored import HASHES, NUMBERS, TEXTS
from watchkeeper.schema.arrays import NOTHING
from watchkeeper.schema.attributes import attribute
from watchkeeper.schema.mapping import Shape, shapes_of
from watchkeeper.schema.reading import ACTIVITY, given, has
from watchkeeper.schema.spec import Condition, Spec, Step
from watchkeeper.schema.storing import HASH_PATHS

U = np.uint64
HOST, CLASS = "_host", "class_uid"
COLUMNS = (*TEXTS, HOST, *(name for name in NUMBERS if name != CLASS), HASHES)
"""What the kernel fills, in its order; `class_uid` is the kind's."""
MOST_KINDS = 4_096
_PLACES = 1 << 14
_UNKNOWN = Step(constant="Unknown")


class Candidate(NamedTuple):
    """One way to a column's value."""

    native: int
    """Number of the native field; -1: a constant."""
    program: int
    """Number of the program, or of the constant."""
    step: int
    """Which step of the mapping it belongs to."""
    flags: int


class _BeyondError(Exception):
    """The mapping says more than the tables can hold."""


class Kinds:
    """Every kind so far."""

    def __init__(self, names: Names, values: Values) -> None:
        """Take the names and the values that kinds refer to."""
        self._names, self._value_table = names, values
        self.table = np.zeros((_PLACES, 2), U)
        self.numbers = np.full(_PLACES, -1, np.int32)
        self.flags = np.zeros(64, np.int32)
        self.columns_at = np.zeros((64, len(COLUMNS) + 1), np.int32)
        self.candidates = np.zeros((0, 4), np.int32)
        self.column_kinds, self.column_slots = _layout()
        self.host = COLUMNS.index(HOST)
        self.sources: list[LogSource] = []
        """By number, the log source."""
        self.classes: list[int] = []
        """By number, the class of the schema."""
        self._known = 0
        self._programs: dict[object, int] = {}
        values.program(kernels.ADDRESS, partial(given, Step(transforms=("address",)), "src_endpoint.ip"))

    @property
    def is_full(self) -> bool:
        """Whether everything has to be started anew."""
        return self._known >= MOST_KINDS

    def learn(self, form: int, channel: bytes, event_id: bytes) -> None:
        """Learn a kind by what its lines say, as bytes within JSON."""
        self._known += 1
        place = self._place(form, channel, event_id)
        if b"\\" in channel + event_id or len(channel) + len(event_id) > 512:
            return
        try:
            self._add(form, logsource(channel.decode(), event_id.decode()), place)
        except (_BeyondError, UnicodeDecodeError):
            self.numbers[place] = -1

    def _place(self, form: int, channel: bytes, event_id: bytes) -> int:
        secret = self._value_table.secret
        h0, h1 = hash_of(channel, kernels.KIND_SALT + U(form), secret)
        h2, h3 = hash_of(event_id, kernels.KIND_SALT, secret)
        mixed = cast("tuple[int, int]", hashes.mixed(h0 ^ h3, h1 ^ h2, secret))
        return int(hashes.put(self.table, U(mixed[0]), U(mixed[1])))

    def _add(self, form: int, source: LogSource, place: int) -> None:
        shape, *others = shapes_of(source)
        if others or shape.when is not None:
            raise _BeyondError
        compiler = _Compiler(form, source, self._names, self._value_table, self._programs)
        columns = [compiler.column(shape, column) for column in COLUMNS]
        wants_data = any(one.native == self._names.native(form, "Data") for column in columns for one in column)
        if wants_data and form == kernels.NESTED:
            raise _BeyondError
        number = len(self.sources)
        if number >= len(self.flags):
            self.flags = np.concatenate([self.flags, np.zeros_like(self.flags)])
            self.columns_at = np.concatenate([self.columns_at, np.zeros_like(self.columns_at)])
        rows = [row for column in columns for row in _rows(column)]
        first = len(self.candidates)
        ends = np.cumsum([0, *map(len, columns)])
        starts = np.repeat(first + ends[:-1], [len(column) for column in columns])
        table = np.array(rows, np.int32).reshape(-1, 4)
        table[:, 2] += starts.astype(np.int32)
        self.candidates = np.concatenate([self.candidates, table])
        self.columns_at[number] = first + ends
        self.flags[number] = kernels.WANTS_DATA if wants_data else 0
        self.numbers[place] = number
        self.sources.append(source)
        self.classes.append(shape.of.uid)


def _rows(column: Sequence[Candidate]) -> Iterator[tuple[int, int, int, int]]:
    """Yield candidates with the place, among them, where the next step begins."""
    for one in column:
        follows = next((at for at, other in enumerate(column) if other.step > one.step), len(column))
        yield one.native, one.program, follows, one.flags


class _Compiler:
    """Makes the candidates of one kind."""

    def __init__(self, form: int, source: LogSource, names: Names, values: Values, programs: dict[object, int]) -> None:
        self._form, self._names, self._values, self._programs = form, names, values, programs
        self._constants = {"_product": source.product, "_service": source.service, "_event_type": source.event_type}

    def column(self, shape: Shape, column: str) -> list[Candidate]:
        if column == HOST:
            return [Candidate(self._names.native(self._form, "Computer"), self._learnt(HOST, _host), 0, kernels.RAW)]
        if column == HASHES:
            return self._hashes(shape)
        spec = (*shape.activity, _UNKNOWN) if column == ACTIVITY else shape.fields.get(column, ())
        return self._candidates(spec, column)

    def _hashes(self, shape: Shape) -> list[Candidate]:
        """Give the one list of candidates that says what all attributes with hashes say together."""
        found = [self._candidates(spec, path) for path, spec in shape.fields.items() if path in HASH_PATHS]
        found.sort(key=len)
        longest = found[-1] if found else []
        if any(_pairs(one) != _pairs(longest)[: len(one)] for one in found):
            raise _BeyondError
        return longest

    def _candidates(self, spec: Spec, path: str) -> list[Candidate]:
        found: list[Candidate] = []
        for number, step in enumerate(spec):
            if not self._holds(step.when):
                continue
            if step.by is not None or step.template:
                raise _BeyondError
            if step.constant is not None:
                found.append(Candidate(-1, self._constant(step, path, step.constant), number, 0))
            found.extend(self._of_field(step, path, name, number) for name in step.fields if self._may_say(name))
        return found

    def _may_say(self, name: str) -> bool:
        return self._constants.get(name, name) not in NOTHING

    def _of_field(self, step: Step, path: str, name: str, number: int) -> Candidate:
        if name in self._constants:
            return Candidate(-1, self._constant(step, path, self._constants[name]), number, 0)
        if not is_nameable(name):
            raise _BeyondError
        return Candidate(self._names.native(self._form, name), self._program(step, path), number, 0)

    def _constant(self, step: Step, path: str, text: str) -> int:
        return self._values.constant(_lowered(step, path, text) if path in HASH_PATHS else given(step, path, text))

    def _program(self, step: Step, path: str) -> int:
        about = attribute(path)
        if path in HASH_PATHS:
            if step.transforms in _DIGESTS and step.values is None and step.prefixes is None:
                return _DIGESTS[step.transforms]
            return self._learnt((_way(step), HASHES), partial(_lowered, step, path))
        if step.values is None and step.prefixes is None and not about.captions:
            if not step.transforms:
                return kernels.INTEGER if path in NUMBERS else kernels.COPY
            if path not in NUMBERS and step.transforms in _OWN:
                return _OWN[step.transforms]
        return self._learnt((_way(step), path), partial(given, step, path))

    def _learnt(self, key: object, program: Program) -> int:
        known = self._programs.get(key)
        if known is None:
            known = self._programs[key] = kernels.FIRST_LEARNT + len(self._programs)
            self._values.program(known, program)
        return known

    def _holds(self, condition: Condition | None) -> bool:
        """Say whether a step is for this kind.

        Raises:
            _BeyondError: that depends on the event.
        """
        if condition is None:
            return True
        if any(name not in self._constants for name, _ in condition.wanted):
            raise _BeyondError
        return all(has(self._constants[name], wanted) for name, wanted in condition.wanted)


_OWN: Mapping[tuple[str, ...], int] = {("account",): kernels.ACCOUNT, ("address",): kernels.ADDRESS}
_DIGESTS: Mapping[tuple[str, ...], int] = {("split_comma", "hash"): kernels.DIGESTS, ("hash",): kernels.DIGEST}


def _way(step: Step) -> object:
    """Give what a program depends on."""
    bare = replace(step, fields=(), when=None, ties=True, values=None, prefixes=None)
    return bare, tuple((step.values or {}).items()), tuple((step.prefixes or {}).items())


def _pairs(candidates: Sequence[Candidate]) -> list[tuple[int, int]]:
    return [(one.native, one.program) for one in candidates]


def _host(text: str) -> tuple[str, ...]:
    return (found,) if (found := host_name(text)) else ()


def _lowered(step: Step, path: str, text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.lower() for one in given(step, path, text)))


def _layout() -> tuple[np.ndarray, np.ndarray]:
    """Give what each column holds, and its slot among those that hold the same."""
    kinds = [kernels.LIST if name == HASHES else kernels.NUMBER if name in NUMBERS else kernels.TEXT for name in COLUMNS]
    slots = [kinds[:at].count(kind) for at, kind in enumerate(kinds)]
    return np.array(kinds, np.int64), np.array(slots, np.int64)
