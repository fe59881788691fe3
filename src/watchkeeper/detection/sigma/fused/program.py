"""Programs: a rule as a chain of tests over its atoms. Owns what the fast engine can be sure of; running them is `kernels_sum`'s.

    A and not (B or C)      at 0: A ? 1 : fails      at 1: B ? fails : 2      at 2: C ? fails : holds

An atom is one test of one field. What needs more than one value of an event (keywords, references to other fields) is `UNSURE`: then the
answer may be that the reference has to be asked.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.detection.sigma.condition import AllOf, AnyOf, Atom, Condition, Negation, Null, Present, SameAs, Test, Text, Wild
from watchkeeper.detection.sigma.fused.kernels_sum import FAILS, HOLDS
from watchkeeper.detection.sigma.fused.keywords import keywords

UNSURE = -1
"""Stands for a test that only the reference can make."""
_ANY = Text((Wild.MANY,))


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled condition."""

    atoms: tuple[tuple[str, Test], ...]
    """Field as the rule calls it, and test of one value."""
    steps: NDArray[np.int32]
    """[n, 3]: place of an atom or `UNSURE`, the step to go on with if it holds, and if not; or `HOLDS`, `FAILS`."""
    entry: int
    witnesses: tuple[int, ...] | None
    """Places of atoms of which one holds whenever the condition does; none if that cannot be said."""
    keywords: frozenset[str] | None
    """Texts of which one stands in every event that meets the condition; none if that cannot be said."""


def compiled(condition: Condition, fixed: Collection[str]) -> Program:
    """Compile a condition; `fixed` names fields that tell nothing apart among the events it will be asked of."""
    making = _Making(fixed)
    entry = making.append(condition, HOLDS, FAILS)
    witnesses = making.witnesses(condition)
    return Program(
        tuple(making.atoms),
        np.array(making.steps, np.int32).reshape(-1, 3),
        entry,
        None if witnesses is None else tuple(witnesses),
        keywords(condition),
    )


class _Making:
    def __init__(self, fixed: Collection[str]) -> None:
        self.atoms: dict[tuple[str, Test], int] = {}
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
                known = None if name is None else _of_value(test)
                if known is None or name is None:
                    self.steps.append((UNSURE, holds, fails))
                else:
                    atom = self.atoms.setdefault((name, known[0]), len(self.atoms))
                    self.steps.append((atom, fails, holds) if known[1] else (atom, holds, fails))
                return len(self.steps) - 1

    def witnesses(self, condition: Condition) -> Mapping[int, float] | None:
        """Give atoms of which at least one holds whenever the condition does, each with how common it may be."""
        match condition:
            case Atom(str(name), test):
                known = _of_value(test)
                return None if known is None or known[1] or name in self._fixed else {self.atoms[name, known[0]]: _commonness(known[0])}
            case Atom() | Negation():
                return None
            case AllOf(children):
                return min((found for child in children if (found := self.witnesses(child)) is not None), key=_cost, default=None)
            case AnyOf(children):
                return _united([self.witnesses(child) for child in children])


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


def _united(found: Sequence[Mapping[int, float] | None]) -> Mapping[int, float] | None:
    united: dict[int, float] = {}
    for one in found:
        if one is None:
            return None
        united.update(one)
    return united


def _cost(found: Mapping[int, float]) -> float:
    return sum(found.values())


def _commonness(test: Test) -> float:
    """Guess how often a test holds: seldom if it wants a long text."""
    if isinstance(test, Text) and test.parts != (Wild.MANY,):
        return 1 / (4 + sum(len(part) for part in test.parts if isinstance(part, str)) ** 2)
    return 1
