r"""Kinds: events of one log source that have the same deciding fields, with their plan compiled. Owns all programs and their arrays.

kind 3 ── fields: Image -> 17, User = {Domain}\{Name} -> 18      number of the field in `Matchers`; its tests are atoms first(17)...
     ── programs 40..57      code, entries, witnesses: flat arrays of all kinds, a new kind is appended
     ── keyworded: rules asked only when one of their keywords is found in the event
atom 0 never holds, atom 1 always does: what a fixed field answers
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.detection.plan import Plan, Ready
from watchkeeper.detection.sigma.condition import SameAs, Test, Text, Wild, all_of
from watchkeeper.detection.sigma.fused.matching import Matchers
from watchkeeper.detection.sigma.fused.program import Program, compiled
from watchkeeper.detection.sigma.fused.tables import longer
from watchkeeper.detection.sigma.reference import matcher
from watchkeeper.detection.sigma.text import fold

_NEVER = Text(("\0",))
"""Asked of no value: keeps the number of an atom that something else sets."""


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """One kind of event."""

    number: int
    plan: Plan
    fields: Mapping[str, int]
    """Native or made field -> its number in `Matchers`."""
    keyworded: tuple[tuple[Ready, frozenset[str]], ...]
    """Rules that have to be asked of the reference where one of these texts, folded, stands anywhere in the event."""
    pairs: Mapping[tuple[str, SameAs], int]
    """Native fields that are compared: the atom that says they are alike; the next says that they may be."""


class Kinds:
    """Every kind so far, by number."""

    def __init__(self) -> None:
        self.matchers = Matchers()
        self.matchers.add((_NEVER, Text((Wild.MANY,))))  # atoms 0 and 1
        self.all: list[Kind] = []
        self.ready: list[tuple[Kind, Ready]] = []
        """By program: the kind and the rule."""
        self.fields = 1
        self.atoms = 2
        self.code = np.zeros((0, 3), np.int32)
        self.entries = np.zeros(0, np.int32)
        self.of_kind = np.zeros((64, 2), np.int32)
        self.always = np.zeros(0, np.int32)
        self.witness_starts = np.zeros(3, np.int32)
        self.witnesses = np.zeros(0, np.int32)
        self.holding = np.zeros(2, np.bool_)
        self.asked = np.zeros(1, np.bool_)
        self._compiled: dict[tuple[str, frozenset[str]], Program] = {}

    def add(self, plan: Plan) -> Kind:
        """Compile a plan."""
        programs = [(ready, self._program(ready)) for ready in plan.routed]
        keyworded = tuple((ready, program.keywords) for ready, program in programs if program.keywords)
        asked: dict[str, dict[Test, int]] = {}
        places = [[_place(ready, name, test, asked) for name, test in program.atoms] for ready, program in programs]
        compared: dict[tuple[str, SameAs], int] = {}
        paired = [[_pair(ready, name, test, compared) for name, test in program.pairs] for ready, program in programs]
        numbers = {name: self.matchers.add(tuple(tests)) for name, tests in asked.items()}
        firsts = {name: self.matchers.first(number) for name, number in numbers.items()} | {"": 0}
        self.fields += len(numbers) + bool(compared)
        last = self.matchers.first(self.matchers.add((_NEVER,) * (2 * len(compared)))) if compared else 0
        kind = Kind(len(self.all), plan, numbers, keyworded, {pair: last + 2 * place for pair, place in compared.items()})
        self.all.append(kind)
        atoms = [
            np.array([*(firsts[name] + place for name, place in one), *(last + 2 * place + n for place in two for n in (0, 1))], np.int32)
            for one, two in zip(places, paired, strict=True)
        ]
        self.atoms += sum(map(len, asked.values())) + 2 * len(compared)
        self._append(kind, programs, atoms)
        return kind

    def _program(self, ready: Ready) -> Program:
        """Give the program of a rule; routes that want something of the event have their own."""
        if ready.when:
            return compiled(all_of([*ready.guards, ready.rule.condition]), ready.fixed)
        key = ready.rule.id, frozenset(ready.fixed)
        known = self._compiled.get(key)
        if known is None:
            known = self._compiled[key] = compiled(ready.rule.condition, ready.fixed)
        return known

    def _append(self, kind: Kind, programs: Sequence[tuple[Ready, Program]], atoms: Sequence[NDArray[np.int32]]) -> None:
        """Append the programs of a kind to all others; `atoms` gives the numbers of each program's atoms."""
        first = len(self.entries)
        self.ready.extend((kind, ready) for ready, _ in programs)
        all_atoms = np.concatenate([np.array((-1, 0), np.int32), *atoms])  # what UNSURE and KEYWORD become, then the others
        counts, sizes = (np.array([len(one) for one in many], np.int64) for many in (atoms, [program.steps for _, program in programs]))
        steps = np.concatenate([np.zeros((0, 3), np.int32), *(program.steps for _, program in programs)])
        begins = len(self.code) + np.cumsum(sizes) - sizes
        moved = np.where(steps >= 0, steps + np.repeat(begins, sizes)[:, None], steps)
        own = np.repeat(2 + np.cumsum(counts) - counts, sizes)
        moved[:, 0] = all_atoms[np.where(steps[:, 0] >= 0, steps[:, 0] + own, -1 - steps[:, 0])]
        entries = np.array([program.entry for _, program in programs], np.int64)
        always = [first + place for place, (_, program) in enumerate(programs) if program.witnesses is None]
        if kind.number >= len(self.of_kind):
            self.of_kind = longer(self.of_kind, kind.number + 1)
        self.of_kind[kind.number] = len(self.always), len(self.always) + len(always)
        self.code = np.concatenate([self.code, moved.astype(np.int32)])
        self.entries = np.append(self.entries, np.where(entries >= 0, entries + begins, entries).astype(np.int32))
        self.always = np.append(self.always, np.array(always, np.int32))
        self._append_witnesses(first, programs, atoms)

    def _append_witnesses(self, first: int, programs: Sequence[tuple[Ready, Program]], atoms: Sequence[NDArray[np.int32]]) -> None:
        places = [list(program.witnesses or ()) for _, program in programs]
        needed = np.concatenate([np.zeros(0, np.int32), *(numbers[one] for numbers, one in zip(atoms, places, strict=True))])
        by = np.repeat(first + np.arange(len(programs)), [len(one) for one in places])
        order = np.argsort(needed, kind="stable")
        known = len(self.witness_starts) - 1
        new = np.bincount(needed - known, minlength=self.atoms - known) if len(needed) else np.zeros(self.atoms - known, np.int64)
        self.witness_starts = np.append(self.witness_starts, (self.witness_starts[-1] + np.cumsum(new)).astype(np.int32))
        self.witnesses = np.append(self.witnesses, by[order].astype(np.int32))
        self.holding = np.zeros(self.atoms, np.bool_)
        self.holding[1] = True
        self.asked = np.zeros(len(self.entries) + 1, np.bool_)


def _pair(ready: Ready, name: str, test: SameAs, compared: dict[tuple[str, SameAs], int]) -> int:
    """Give the place of a pair of fields among those that are compared."""
    native = ready.names.get(name, name), SameAs(ready.names.get(test.field, test.field), test.starts, test.ends, test.cased)
    return compared.setdefault(native, len(compared))


def _place(ready: Ready, name: str, test: Test, asked: dict[str, dict[Test, int]]) -> tuple[str, int]:
    """Give the native field and the place of the test among those asked of it; for a fixed field, no name, and 1 if the test holds."""
    native = ready.names.get(name, name)
    if native in ready.fixed:
        question, folded = matcher(test)
        value = ready.fixed[native]
        return "", int(question(fold(value) if folded else value))
    tests = asked.setdefault(native, {})
    return native, tests.setdefault(test, len(tests))
