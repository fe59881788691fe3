"""Tables: what was seen before, in bounded memory. Owns their sizes and when they are emptied.

values   young ──full──► old ──next time──► gone      a value found in the old table moves to the young one
         fields whose values hardly ever come again are closed: of their values one in sixteen is kept, the others are matched each time
sets     number -> atoms; when there are too many, everything starts anew, for values and sums name them
sums     what events come to; started anew when full, for one is worked out again in a microsecond
"""

import secrets
from typing import Any

import numpy as np
from numpy.typing import NDArray

from watchkeeper.detection.sigma.fused import kernels_sum as kernels

_WORD = np.uint64
MOST_FRESH = 1 << 16
"""New values in one piece."""
MOST_SET = 4_096
"""Slots that stand for one atom."""
SAMPLED_ENOUGH = 256
"""Look-ups of sampled values after which a field is judged."""
SELDOM_AGAIN = 0.9
"""Share of new values from which on a field is closed."""


class Tables:
    """Values, sets and sums."""

    def __init__(self, places: int) -> None:
        """Take the places of the value table, a power of two; all other sizes follow from it."""
        self.secret = np.array([secrets.randbits(64) | 1 for _ in range(6)], _WORD)
        self._beside = max(places // 2, 4096)
        self.young, self.old = (np.zeros((places, 2), _WORD) for _ in range(2))
        self.signatures, self.old_signatures = (np.zeros(places + self._beside + MOST_SET, np.int32) for _ in range(2))
        self._set: list[int] = []
        self.closed = np.zeros((64, 3), np.int64)
        self.counts = np.array([0, places // 2, 0, self._beside], np.int64)
        self.sets = np.zeros((max(places // 2, 4 * MOST_FRESH), 2), _WORD)
        self.set_numbers = np.zeros(len(self.sets), np.int32)
        self.sums = np.zeros((max(places // 2, 1024), 2), _WORD)
        self.results = np.zeros(len(self.sums), np.int32)
        self.result_ends = np.zeros(len(self.sums) + 2, np.int64)
        self.found = np.zeros(1 << 16, np.int32)
        self.members = np.zeros(1 << 16, np.int32)
        self.set_starts = np.zeros(len(self.sets) + 2, np.int64)
        self.set_state = np.array([1, 0], np.int64)
        self.sum_state = np.array([0, 0, 0, 0, 0, len(self.sums) // 2], np.int64)

    def room(self, fields: int) -> None:
        """Make room for as many fields."""
        if fields > len(self.closed):
            self.closed = longer(self.closed, fields)

    def room_for_atoms(self, atoms: int) -> None:
        """Make room for as many atoms more in sets."""
        if self.set_state[1] + atoms > len(self.members):
            self.members = longer(self.members, int(self.set_state[1]) + atoms)

    def slot(self, atom: int) -> int:
        """Give a slot that always stands for one atom, for what is told without a value."""
        if len(self._set) == MOST_SET:
            raise ValueError(f"the rules compare more than {MOST_SET // 2} pairs of fields; split the rule set")
        self._set.append(atom)
        self._fill_slots()
        return len(self.young) + self._beside + len(self._set) - 1

    def _fill_slots(self) -> None:
        slots = len(self.young) + self._beside + np.arange(len(self._set))
        atoms = np.array(self._set, np.int32)
        self.room_for_atoms(len(atoms))
        for signatures in (self.signatures, self.old_signatures):
            kernels.intern(
                np.arange(len(atoms) + 1), atoms, slots, signatures, self.sets, self.set_numbers, self.set_starts, self.members,
                self.secret, self.set_state,
            )  # fmt: skip

    def room_for_results(self, programs: int) -> None:
        """Make room for the results of one more event."""
        if int(self.sum_state[2]) + 2 * programs + 2 > len(self.found):
            self.found = longer(self.found, int(self.sum_state[2]) + 4 * programs)

    def settle(self) -> None:
        """After each piece: forget what stands beside the table, judge the fields, change tables if one is full."""
        self.counts[2] = 0
        enough = self.closed[:, 1] >= SAMPLED_ENOUGH
        if enough.any():
            self.closed[enough, 0] = self.closed[enough, 2] > SELDOM_AGAIN * self.closed[enough, 1]
            self.closed[enough, 1:] //= 2
        if self.counts[0] >= self.counts[1]:
            self.young, self.old = self.old, self.young
            self.signatures, self.old_signatures = self.old_signatures, self.signatures
            self.young.fill(0)
            self.counts[0] = 0
        if self.set_state[0] + MOST_FRESH > len(self.sets) // 2:
            self.forget()

    def forget_sums(self) -> None:
        """Start the sums anew."""
        self.sums.fill(0)
        self.sum_state[1:3] = self.sum_state[4] = 0

    def forget(self) -> None:
        """Start everything anew."""
        for table in (self.young, self.old, self.sets):
            table.fill(0)
        self.counts[0] = self.counts[2] = 0
        self.set_state[:] = 1, 0
        self._fill_slots()
        self.forget_sums()

    def forget_slots(self) -> None:
        """Forget the slots that stand for one atom."""
        self._set.clear()


def longer(array: NDArray[Any], wanted: int) -> NDArray[Any]:
    """Give the array with room for `wanted` rows at least, twice as long as before at least; new ones are zero."""
    grown = np.zeros((max(wanted, 2 * len(array)), *array.shape[1:]), array.dtype)
    grown[: len(array)] = array
    return grown
