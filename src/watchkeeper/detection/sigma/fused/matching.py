"""What every field is asked, compiled, and the values that answer. Owns which tests hold on a value; finding literals is `kernels_match`'s.

    add    tests of a field ──► literals with their places ──► keys, sorted by bucket ──► appended to the arenas, a header for the field
    match  values ──► kernel ──► atoms that hold, and (value, atom) worth asking ──► the reference's question, in Python ──► both together

    arenas    heads [field]      bitmap ~~  buckets ~~  entries ~~  letters ~~  lengths ~~  lists ~~        all fields one behind the other
    atoms     first(f), first(f) + 1, ...  by number: bits needed, whether to ask, the test itself

A text in one of the simple shapes is settled by its literals. Any other test is asked when its literals are there (see `literals`), or when
the value looks like an address or a number; what gives no hint is asked always.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import groupby
from json import JSONDecoder
from operator import itemgetter
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from watchkeeper.detection.sigma import values
from watchkeeper.detection.sigma.condition import Network, Number, Regex, Test, Text, TimePart
from watchkeeper.detection.sigma.fused import automata, literals
from watchkeeper.detection.sigma.fused import kernels_match as kernels
from watchkeeper.detection.sigma.reference import matcher
from watchkeeper.detection.sigma.text import fold, shape

_WHERE = {"contains": kernels.ANYWHERE, "starts": kernels.AT_START, "ends": kernels.AT_END, "equals": kernels.WHOLE}
_OPERATORS = ("eq", "ne", "lt", "le", "gt", "ge")
_EXACT = 2**53
"""Whole numbers beyond this are not exact in floating point, and left to the reference."""
_MOST_BITS, _LEAST_BITS = 19, 6
_DENSITY = 64
"""Bits of the bitmap for each literal."""
_ORDINARY = (
    rb"c:\windows\system32\svchost.exe -k netsvcs -p -s schedule c:\program files "
    rb"(x86)\microsoft\edge\application\msedge.exe --type=utility "
    rb'"c:\windows\system32\windowspowershell\v1.0\powershell.exe" -command cmd.exe /c '
    rb"c:\users\appdata\local\temp\roaming\ c:\programdata\ hklm\software\microsoft\windows\currentversion\explorer\ "
    rb"hku\s-1-5-21- system\currentcontrolset\services\parameters\ syswow64\ winsxs\ https://www. .com/ .dll .exe "
    rb".txt .ps1 nt authority\system c:\program files\common files\ \device\harddiskvolume \\?\ function param( "
    rb"[string] $ = new-object -name get- set- write- return if ( { } else foreach parameter true false     the of "
    rb"and to in "
)
"""The like of what logs are full of: grams that occur here are poor witnesses."""
_RARENESS = np.full(256, 8, np.int64)
_RARENESS[np.frombuffer(b" \\etaoinsrldcmup.", np.uint8)] = 0
_RARENESS[np.frombuffer(b"fghwbvyxk-/:\"'0123=(),_;$", np.uint8)] = 4
_written = JSONDecoder(strict=False)

Atoms = tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]


class Matchers:
    """What every field of every route is asked, compiled; values in, the tests that hold out. One thread at a time."""

    def __init__(self) -> None:
        """Begin without fields."""
        self._tests: list[Test] = []
        self._firsts: list[int] = []
        self._asked_addresses: list[list[int]] = []
        self._asked_numbers: list[list[int]] = []
        self._questions: dict[int, Callable[[str], bool]] = {}
        self._heads = _Arena((0, kernels.COLUMNS), np.int64)
        self._bitmap = _Arena((0,), np.uint64)
        self._buckets = _Arena((0,), np.int32)
        self._keys = _Arena((0,), np.uint64)
        self._entries = _Arena((0, 6), np.int32)
        self._lists = _Arena((0,), np.int32)
        self._wanted = _Arena((0, 3), np.float64)
        self._letters = _Arena((0,), np.uint8)
        self._automata = _Arena((0, kernels.AUTOMATON), np.uint64)
        self._known: dict[Test, int] = {}
        self._needs = _Arena((0,), np.uint8)
        self._least = _Arena((0,), np.int32)
        self._asked = _Arena((0,), np.int32)
        self._masks = _Arena((0,), np.uint8)
        self.asked = 0
        """How many questions have been asked in Python."""

    def add(self, tests: Sequence[Test]) -> int:
        """Compile the tests asked of one field; give the field's number. Test k of field f is atom first(f) + k.

        Raises:
            TypeError: a test asks about the field, not about one value of it.
        """
        field, first = len(self._firsts), len(self._tests)
        sorted_out = _Sorted(first, len(tests))
        for atom, test in enumerate(tests, first):
            sorted_out.take(atom, test)
        self._tests.extend(tests)
        self._firsts.append(first)
        self._asked_addresses.append(sorted_out.addresses)
        self._asked_numbers.append(sorted_out.numbers)
        head = np.zeros(kernels.COLUMNS, np.int64)
        self._add_literals(head, sorted_out)
        numbers = [self._wanted_number(atom) for atom in sorted_out.numbers] if sorted_out.simple_numbers else []
        networks = [one for atom in sorted_out.addresses for one in self._wanted_network(atom)]
        head[kernels.NUMBERS], head[kernels.NUMBERS_END] = self._wanted.extend(np.array(numbers, np.float64).reshape(-1, 3))
        head[kernels.NETWORKS], head[kernels.NETWORKS_END] = self._wanted.extend(np.array(networks, np.float64).reshape(-1, 3))
        head[kernels.ALWAYS], head[kernels.ALWAYS_END] = self._lists.extend(np.array(sorted_out.always, np.int32))
        head[kernels.ODD], head[kernels.ODD_END] = self._lists.extend(np.array(sorted_out.odd, np.int32))
        head[kernels.EMPTY], head[kernels.EMPTY_END] = self._lists.extend(np.array(sorted_out.empty, np.int32))
        head[kernels.ASKS_ADDRESS], head[kernels.ASKS_NUMBER] = len(sorted_out.addresses), len(sorted_out.numbers)
        head[kernels.SIZE] = len(tests)
        self._needs.extend(np.array(sorted_out.needs, np.uint8))
        self._least.extend(np.array(sorted_out.least, np.int32))
        asked = [self._automaton(tests[at]) if ask else -1 for at, ask in enumerate(sorted_out.asked)]
        self._asked.extend(np.array(asked, np.int32))
        self._masks.extend(np.zeros(len(tests), np.uint8))
        self._heads.extend(head[None, :])
        return field

    def first(self, field: int) -> int:
        """Give the atom of a field's first test."""
        return self._firsts[field]

    def match(self, data: NDArray[np.uint8], rows: NDArray[np.int64]) -> Atoms:
        """Give for each value the atoms that hold on it, ascending.

        Args:
            data: bytes; at least 64 must follow each value.
            rows: [n, 4] = field, begin, size, form (0 is plain UTF-8, 1 the inside of a JSON string, still escaped).

        Returns:
            offsets[n + 1] and atoms: value k has atoms[offsets[k]:offsets[k + 1]]; and the rows that JSON cannot have (a bad escape).

        Raises:
            ValueError: a row names no field, or bytes that are not there.
        """
        self._check(data, rows)
        data, rows = np.ascontiguousarray(data), np.require(rows, np.int64, ["C", "W"])  # one signature, so that one compilation serves
        n = len(rows)
        offsets, bad = np.zeros(n + 1, np.int64), np.empty(n, np.int64)
        atoms, asks = np.empty(4 * n + 1024, np.int32), np.empty((n + 1024, 2), np.int32)
        scratch = np.empty(3 * int(rows[:, 2].max(initial=0)) + 128, np.uint8)
        state, touched = (
            np.zeros(4, np.int64),
            np.empty(int(self._heads.array[: len(self._firsts), kernels.SIZE].max(initial=0)) + 1, np.int32),
        )
        arenas = (
            self._heads, self._bitmap, self._buckets, self._keys, self._entries, self._lists, self._wanted, self._letters,
            self._automata, self._needs, self._least, self._asked, self._masks,
        )  # fmt: skip
        fixed = [data.ctypes.data, rows, *(one.array for one in arenas), _folds(), scratch, np.empty_like(scratch), touched]
        run = cast("Callable[..., bool]", kernels.match)
        while not run(*fixed, offsets, atoms, asks, bad, state):
            room = 2 * len(touched)
            atoms = np.concatenate([atoms, np.empty(len(atoms) + room, np.int32)])
            asks = np.concatenate([asks, np.empty((len(asks) + room, 2), np.int32)])
        atoms = atoms[: state[1]]
        found = list(self._answers(data, rows, asks[: state[2]].tolist()))
        if found:
            offsets, atoms = _together(offsets, atoms, found)
        return offsets, atoms, bad[: state[3]]

    def _check(self, data: NDArray[np.uint8], rows: NDArray[np.int64]) -> None:
        if not len(rows):
            return
        fields, ends = rows[:, 0], rows[:, 1] + rows[:, 2]
        if fields.min() < 0 or fields.max() >= len(self._firsts) or rows[:, 1:3].min() < 0 or ends.max() + 8 > len(data):
            raise ValueError(
                f"{len(rows)} rows: each needs a field below {len(self._firsts)} and bytes of the data, with 64 more behind them"
            )

    def _add_literals(self, head: NDArray[np.int64], sorted_out: "_Sorted") -> None:
        texts = [one.encode("utf-8", "surrogatepass") for one in sorted_out.texts]
        sizes = np.fromiter(map(len, texts), np.int64, len(texts))
        begins = np.cumsum(sizes) - sizes
        letters = np.frombuffer(b"".join(texts) + bytes(64), np.uint8)
        places = _rarest_grams(letters, begins, sizes)
        keys = kernels.keys_of(letters.ctypes.data, begins, sizes, places)
        order = np.argsort(keys)
        keys, depth = keys[order], max(1, (2 * len(texts)).bit_length())
        bits = min(max((_DENSITY * len(texts)).bit_length(), _LEAST_BITS), _MOST_BITS)
        bitmap = np.zeros(1 << bits, np.bool_)
        bitmap[keys >> np.uint64(64 - bits)] = True
        begins += self._letters.extend(letters[: int(sizes.sum())])[0]
        settled = np.array(sorted_out.literals, np.int64).reshape(-1, 3)
        self._entries.extend(np.column_stack([begins, sizes, places, settled])[order])
        buckets = np.searchsorted(keys >> np.uint64(64 - depth), np.arange((1 << depth) + 1, dtype=np.uint64))
        head[kernels.BUCKETS], _ = self._buckets.extend(buckets + self._keys.extend(keys)[0])
        head[kernels.BITS], _ = self._bitmap.extend(np.packbits(bitmap, bitorder="little").view(np.uint64))
        head[kernels.BITS_SHIFT], head[kernels.BUCKETS_SHIFT] = 64 - bits, 64 - depth
        head[kernels.SHORT] = bool((sizes < 4).any())

    def _automaton(self, test: Test) -> int:
        """Give the number of a test's automaton; -2 if it has none."""
        if test not in self._known:
            made = automata.of_regex(test) if isinstance(test, Regex) else automata.of_text(test) if isinstance(test, Text) else None
            self._known[test] = -2 if made is None else self._automata.extend(made[None, :])[0]
        return self._known[test]

    def _wanted_number(self, atom: int) -> tuple[int, float, int]:
        test = cast("Number", self._tests[atom])
        return _OPERATORS.index(test.operator), float(test.number), atom

    def _wanted_network(self, atom: int) -> Iterator[tuple[int, int, int]]:
        network = values.network(cast("Network", self._tests[atom]).cidr)
        if network.version == 4:
            yield int(network.netmask), int(network.network_address), atom

    def _answers(self, data: NDArray[np.uint8], rows: NDArray[np.int64], asks: list[list[int]]) -> Iterator[tuple[int, int]]:
        """Ask what has to be asked; yield row and atom where it holds."""
        for row, of_row in groupby(asks, itemgetter(0)):
            field, begin, size, form = rows[row].tolist()
            value = bytes(data[begin : begin + size]).decode("utf-8", "replace")
            value = str(_written.decode(f'"{value}"')) if form == 1 else value
            folded = fold(value)
            for _, atom in of_row:
                for one in self._meant(field, atom):
                    yield from ((row, one) for _ in range(self._holds(one, value, folded)))

    def _meant(self, field: int, atom: int) -> Sequence[int]:
        match atom:
            case kernels.ASK_ADDRESS:
                return self._asked_addresses[field]
            case kernels.ASK_NUMBER:
                return self._asked_numbers[field]
            case _:
                return (atom,)

    def _holds(self, atom: int, value: str, folded: str) -> bool:
        self.asked += 1
        question = self._questions.get(atom)
        if question is None:
            question = self._questions[atom] = matcher(self._tests[atom])[0]
        test = self._tests[atom]
        return question(folded if isinstance(test, Text) and not test.cased else value)


class _Arena:
    """An array that grows: parts of many fields one behind the other, with room for 64 more at the end."""

    def __init__(self, shape: tuple[int, ...], dtype: type[np.generic]) -> None:
        """Begin empty; the first number of the shape is what grows."""
        self.array: NDArray[Any] = np.zeros((64, *shape[1:]), dtype)
        self._used = 0

    def extend(self, part: NDArray[Any]) -> tuple[int, int]:
        """Append; give from where to where it stands."""
        begin, end = self._used, self._used + len(part)
        if end + 64 > len(self.array):
            grown = np.zeros((2 * end + 128, *self.array.shape[1:]), self.array.dtype)
            grown[:begin] = self.array[:begin]
            self.array = grown
        self.array[begin:end] = part
        self._used = end
        return begin, end


class _Sorted:
    """The tests of a field by how they are settled: literals with their atoms, and what has to be asked when."""

    def __init__(self, first: int, count: int) -> None:
        """Take the field's first atom and how many tests there are."""
        self._first = first
        self.texts: list[str] = []
        self.literals: list[tuple[int, int, int]] = []
        """Of each text: the atom, the bit it stands for, and where it must stand."""
        self.needs = [1] * count
        self.least = [0] * count
        self.asked = [False] * count
        self.always: list[int] = []
        self.odd: list[int] = []
        self.empty: list[int] = []
        self.addresses: list[int] = []
        self.numbers: list[int] = []
        self.simple_numbers = True
        """Whether all tests of numbers are of a kind that a short whole number settles."""

    def take(self, atom: int, test: Test) -> None:
        """Put a test where it belongs."""
        match test:
            case Text():
                self._text(atom, test)
            case Regex():
                clauses, self.least[atom - self._first] = literals.of_regex(test)
                self._clauses(atom, clauses)
                self.odd.append(atom)
            case Network():
                self.addresses.append(atom)
            case Number() | TimePart():
                self.numbers.append(atom)
                self.simple_numbers = self.simple_numbers and isinstance(test, Number) and abs(test.number) < _EXACT
            case _:
                raise TypeError(f"{test!r} is not a test of one value; ask it of the event")

    def _text(self, atom: int, test: Text) -> None:
        name, literal = shape(test)
        if name == "any" or (not literal and name in {"contains", "starts", "ends"}):
            self.always.append(atom)
        elif name == "equals" and not literal:
            self.empty.append(atom)
        elif name == "glob" or test.cased:
            self._clauses(atom, literals.of_text(test))
        else:
            self.texts.append(literal)
            self.literals.append((atom, 1, _WHERE[name]))

    def _clauses(self, atom: int, clauses: Sequence[literals.Clause]) -> None:
        """Have a test asked when a literal of every clause is there; always if there is no clause."""
        if not clauses:
            self.always.append(atom)
        for number, clause in enumerate(clauses):
            self.texts.extend(literal.text for literal in clause)
            self.literals.extend((atom, 1 << number, literal.where) for literal in clause)
        self.asked[atom - self._first] = True
        self.needs[atom - self._first] = (1 << max(1, len(clauses))) - 1


def _rarest_grams(letters: NDArray[np.uint8], begins: NDArray[np.int64], sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the place in each literal of the four bytes that are looked for: rare in logs, and in few of the literals; 0 in shorter ones."""
    places, long = np.zeros(len(sizes), np.int64), sizes >= 4
    if not long.any():
        return places
    count = int(sizes.sum())
    grams, rareness = _grams(letters[: count + 3])
    left = np.repeat(begins + sizes, sizes) - np.arange(count)
    usable = np.repeat(long, sizes) & (left >= 4)
    shared = np.bincount(grams[usable], minlength=1 << 16)
    cost = 40 * _ordinary_grams()[grams] + 32 - rareness + 4 * np.log2(shared[grams] + 1).astype(np.int64)
    ranked = np.where(usable, cost << 32 | np.repeat(sizes, sizes) - left, np.iinfo(np.int64).max)
    places[long] = np.minimum.reduceat(ranked, begins[long]) & 0xFFFFFFFF
    return places


def _grams(letters: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give a 16-bit hash of each four bytes, and how rare their letters are."""
    wide = letters.astype(np.uint32)
    grams = wide[:-3] | wide[1:-2] << 8 | wide[2:-1] << 16 | wide[3:] << 24
    rare = _RARENESS[letters]
    return (grams * np.uint32(0x9E3779B1) >> np.uint32(16)).astype(np.int64), rare[:-3] + rare[1:-2] + rare[2:-1] + rare[3:]


@cache
def _ordinary_grams() -> NDArray[np.int64]:
    table = np.zeros(1 << 16, np.int64)
    table[_grams(np.frombuffer(_ORDINARY, np.uint8))[0]] = 1
    return table


@cache
def _folds() -> NDArray[np.int32]:
    """Give for each code point below 0x20000 the one it folds to; none beyond has case, and the kernel knows the one that becomes two."""
    points = np.arange(0x20000, dtype="<u4")
    points[[0x130, 0x3A3]] = 0
    folded = fold(points.tobytes().decode("utf-32-le", "surrogatepass")).encode("utf-32-le", "surrogatepass")
    table = np.frombuffer(folded, "<i4").astype(np.int32)
    table[0x130], table[0x3A3] = 0x130, 0x3C3
    return table


def _together(
    offsets: NDArray[np.int64], atoms: NDArray[np.int32], found: Sequence[tuple[int, int]]
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Add (row, atom) pairs to what the kernel found."""
    rows = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    more = np.array(found, np.int64)
    both = np.sort(np.concatenate([rows << 32 | atoms, more[:, 0] << 32 | more[:, 1]]))
    counts = np.bincount(both >> 32, minlength=len(offsets) - 1)
    return np.concatenate([[0], np.cumsum(counts)]), (both & 0xFFFFFFFF).astype(np.int32)
