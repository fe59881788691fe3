"""The engine: what lines and batches share. Owns matching new values and answering for events; finding values is its callers'.

walk or column ─► slots of each event, new values ─► match: their sets of atoms ─► intern: numbers ─► evaluate: programs that hold
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from watchkeeper.detection.plan import Plan
from watchkeeper.detection.sigma.fused import kernels_sum as kernels
from watchkeeper.detection.sigma.fused.kinds import Kind, Kinds
from watchkeeper.detection.sigma.fused.tables import Tables

Integers = NDArray[np.int64]
PLACES = 1 << 19
"""Places of the value table; half of them are filled before it is changed."""
MOST_KINDS = 2_048
"""Kinds after which everything is compiled anew, lest somebody invents event ids without end."""
PLAIN, ESCAPED = 0, 1


class Answers(NamedTuple):
    """Programs that hold on events, one row each, in the order of the events."""

    events: Integers
    programs: Integers
    unsure: NDArray[np.bool_]
    """Whether the reference has to be asked."""


class Engine:
    """Kinds and tables."""

    def __init__(self, places: int = PLACES) -> None:
        """Take the places of the value table, a power of two."""
        self.tables = Tables(places)
        self.kinds = Kinds()
        self._known: dict[Plan, Kind] = {}

    @property
    def crowded(self) -> bool:
        """Whether there are so many kinds that it is time to forget them."""
        return len(self.kinds.all) >= MOST_KINDS

    def kind(self, plan: Plan) -> Kind:
        """Give the kind of a plan."""
        known = self._known.get(plan)
        if known is None:
            known = self._known[plan] = self.kinds.add(plan)
            self.tables.room(self.kinds.fields)
        return known

    def match(self, data: NDArray[np.uint8], fresh: Integers, form: int) -> None:
        """Find the sets of new values.

        Args:
            data: bytes with 64 more behind the last value.
            fresh: field, begin, size and slot of each value.
            form: `PLAIN` or `ESCAPED`, as in a JSON string.
        """
        rows = np.column_stack([fresh[:, :3], np.full(len(fresh), form, np.int64)])
        offsets, atoms = self.kinds.matchers.match(data, rows)[:2]
        tables = self.tables
        tables.room_for_atoms(len(atoms))
        kernels.intern(
            offsets, atoms, fresh[:, 3].copy(), tables.signatures, tables.sets, tables.set_numbers, tables.set_starts, tables.members,
            tables.secret, tables.set_state,
        )  # fmt: skip

    def match_texts(self, texts: Sequence[str], fresh: Integers) -> None:
        """Find the sets of new values that stand in no buffer."""
        encoded = [text.encode(errors="replace") for text in texts]
        ends = np.cumsum([len(one) for one in encoded])
        rows = fresh.copy()
        rows[:, 1], rows[:, 2] = ends - [len(one) for one in encoded], [len(one) for one in encoded]
        self.match(np.array(bytearray(b"".join(encoded) + bytes(64)), np.uint8), rows, PLAIN)

    def answers(self, event_kinds: NDArray[np.int32], offsets: Integers, slots: NDArray[np.int32]) -> Answers:
        """Give the programs that hold on events of which all values have signatures."""
        tables, kinds = self.tables, self.kinds
        hits = np.empty((len(event_kinds), 2), np.int64)
        state = tables.sum_state
        state[0] = 0
        parts: list[Answers] = []
        done = False
        while not done:
            state[3] = 0
            if state[4] >= state[5]:
                tables.forget_sums()
            tables.room_for_results(len(kinds.entries))
            done = kernels.evaluate(
                event_kinds, offsets, slots, tables.signatures, tables.set_starts, tables.members, tables.secret, tables.sums,
                tables.results, tables.result_ends, tables.found, kinds.code, kinds.entries, kinds.of_kind, kinds.always,
                kinds.witness_starts, kinds.witnesses, kinds.holding, kinds.asked, hits, state,
            )  # fmt: skip
            parts.append(self._programs(hits[: state[3]]))
        return parts[0] if len(parts) == 1 else Answers(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))

    def forget(self) -> None:
        """Start anew, but for the secret."""
        self.kinds = Kinds()
        self._known = {}
        self.tables.forget_slots()
        self.tables.forget()

    def _programs(self, hits: Integers) -> Answers:
        ends = self.tables.result_ends
        begins, sizes = ends[hits[:, 1] - 1], ends[hits[:, 1]] - ends[hits[:, 1] - 1]
        within = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        found: NDArray[Any] = self.tables.found[np.repeat(begins, sizes) + within]
        return Answers(np.repeat(hits[:, 0], sizes), (found >> 1).astype(np.int64), (found & 1).astype(np.bool_))
