"""Programs: a rule as a chain of tests over its atoms. Owns what the fast engine can be sure of; running them is `kernels_sum`'s.

    A and not (B or C)      at 0: A ? 1 : fails      at 1: B ? fails : 2      at 2: C ? fails : holds

An atom is one test of one field, or says that two fields are alike, or may be. Fields that only may be alike are `UNSURE`: then the answer
may be that the reference has to be asked. Keywords are taken not to hold; where one may stand in an event, the reference is asked anyway.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.detection.sigma.condition import AllOf, AnyOf, Atom, Condition, Negation, Null, Present, SameAs, Test, Text, Wild, needed
from watchkeeper.detection.sigma.fused.kernels_sum import FAILS, HOLDS
from watchkeeper.detection.sigma.fused.keywords import keyword

UNSURE, KEYWORD = -1, -2
"""Stand for a test that only the reference can make, and for one that is taken not to hold."""
_ANY = Text((Wild.MANY,))


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled condition."""

    atoms: tuple[tuple[str, Test], ...]
    """Field as the rule calls it, and test of one value."""
    steps: NDArray[np.int32]
    """[n, 3]: place of an atom, `UNSURE` or `KEYWORD`, the step to go on with if it holds, and if not; or `HOLDS`, `FAILS`."""
    entry: int
    witnesses: tuple[int, ...] | None
    """Places of atoms of which one holds whenever the condition does; none if that cannot be said."""
    keywords: frozenset[str]
    """Texts of which one stands in every event that meets a keyword of the condition."""
    pairs: tuple[tuple[str, SameAs], ...]
    """Fields that are compared with others; pair k has atom `len(atoms) + 2 k` if they are alike, and the next if they may be."""


def compiled(condition: Condition, fixed: Collection[str]) -> Program:
    """Compile a condition; `fixed` names fields that tell nothing apart among the events it will be asked of."""
    making = _Making(condition, fixed)
    entry = making.append(condition, HOLDS, FAILS)
    witnesses = making.witnesses(condition)
    return Program(
        tuple(making.atoms),
        np.array(making.steps, np.int32).reshape(-1, 3),
        entry,
        None if witnesses is None else tuple(witnesses),
        frozenset(making.keywords),
        tuple(making.pairs),
    )


class _Making:
    def __init__(self, condition: Condition, fixed: Collection[str]) -> None:
        self.atoms: dict[tuple[str, Test], int] = {}
        self._places: dict[int, tuple[int, bool] | None] = {}
        self._common: dict[int, float] = {}
        self.pairs: dict[tuple[str, SameAs], int] = {}
        self.keywords: set[str] = set()
        self._gather(condition)
        self.steps: list[tuple[int, int, int]] = []
        self._fixed = fixed

    def append(self, condition: Condition, holds: int, fails: int) -> int:
        """Append the steps of a condition; give the first. The others are where to go if it holds, and if not."""
        match condition:
            case Negation(child):
                return self.append(child, fails, holds)
            case AllOf(children):
                for child in reversed(children):
                    holds = self.append(child, holds, fails)
                return holds
            case AnyOf(children):
                for child in reversed(children):
                    fails = self.append(child, holds, fails)
                return fails
            case Atom(name, test):
                known = self._places[id(condition)]
                if known is not None:
                    atom, negated = known
                    self.steps.append((atom, fails, holds) if negated else (atom, holds, fails))
                    return len(self.steps) - 1
                self.steps.append((UNSURE if name is not None or keyword(test) is None else KEYWORD, holds, fails))
                if name is not None and isinstance(test, SameAs):
                    alike = len(self.atoms) + 2 * self.pairs[name, test]
                    self.steps.append((alike + 1, len(self.steps) - 1, fails))
                    self.steps.append((alike, holds, len(self.steps) - 1))
                return len(self.steps) - 1

    def _gather(self, condition: Condition) -> None:
        """Number the atoms; where a condition has one, its place is known by the object it is."""
        match condition:
            case Atom(name, test):
                known = None if name is None else _of_value(test)
                self._places[id(condition)] = None
                if name is None:
                    self.keywords.update(filter(None, (keyword(test),)))
                elif known is not None:
                    self._places[id(condition)] = self.atoms.setdefault((name, known[0]), len(self.atoms)), known[1]
                elif isinstance(test, SameAs):
                    self.pairs.setdefault((name, test), len(self.pairs))
            case Negation(child):
                self._gather(child)
            case AllOf(children) | AnyOf(children):
                for child in children:
                    self._gather(child)

    def witnesses(self, condition: Condition) -> frozenset[int] | None:
        """Give atoms of which at least one holds whenever the condition does, those that hold seldom."""
        return needed(condition, self._witness, lambda atoms: sum(self._common[atom] for atom in atoms))

    def _witness(self, condition: Atom) -> frozenset[int] | None:
        known = self._places[id(condition)]
        if condition.field is None:
            return None if keyword(condition.test) is None else frozenset()
        if known is None or known[1] or condition.field in self._fixed:
            return None
        self._common[known[0]] = _commonness(condition.test)
        return frozenset({known[0]})


def _of_value(test: Test) -> tuple[Test, bool] | None:
    """Give the test of one value that a test comes down to, and whether it is negated; none if one value does not settle it."""
    match test:
        case SameAs():
            return None
        case Null():
            return _ANY, True
        case Present(expected):
            return _ANY, not expected
        case _:
            return test, False


def _commonness(test: Test) -> float:
    """Guess how often a test holds: seldom if it wants a long text."""
    if isinstance(test, Text) and test.parts != (Wild.MANY,):
        return 1 / (4 + sum(len(part) for part in test.parts if isinstance(part, str)) ** 2)
    return 1
