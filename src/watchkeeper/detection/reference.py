"""The reference engine: every rule of a plan asked of every row. Owns what a failing rule means; it is the oracle of the fast engine."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa

from watchkeeper.detection.gate import Index, Key, gate
from watchkeeper.detection.plan import MOST_KEPT, Plan, Plans, Ready
from watchkeeper.detection.sigma.reference import Holds, compile_condition
from watchkeeper.detection.sigma.row import Row
from watchkeeper.detection.signals import Fired
from watchkeeper.model.batch import Batch


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked for one rule."""

    ready: Ready
    holds: Holds
    keys: frozenset[Key] | None
    """Only an event with one of these can meet it; none means any event can."""


class Reference:
    """Runs plans over batches and rows."""

    def __init__(self, plans: Plans) -> None:
        """Take the plans; closures are made when a plan is first run."""
        self._plans = plans
        self._asked = lru_cache(maxsize=MOST_KEPT)(_asked)
        self._one = lru_cache(maxsize=MOST_KEPT)(_asked_of)
        self.failed: Counter[tuple[str, str]] = Counter()
        """How many events a rule failed on, by its id and the reason."""

    def hits(self, batch: Batch) -> Iterator[Fired]:
        """Yield what holds, by kind of event, then rule, then event."""
        for plan, indices in kinds(batch, self._plans):
            if plan.ready:
                table = batch.table if len(indices) == batch.table.num_rows else batch.table.take(pa.array(indices))
                rows = [Row(native, plan.filled(native), plan.wanted) for native in Batch(batch.logsource, table).rows()]
                yield from self._over(plan, rows, indices)

    def of_row(self, plan: Plan, row: Row) -> Iterator[Fired]:
        """Yield what holds on one row."""
        for asked in self._asked(plan):
            if self._holds(asked, row):
                yield fired(0, row, asked.ready, plan)

    def holds(self, ready: Ready, row: Row) -> bool:
        """Say whether one rule holds on one row."""
        return self._holds(self._one(ready), row)

    def _over(self, plan: Plan, rows: Sequence[Row], indices: Sequence[int]) -> Iterator[Fired]:
        places = Index(rows)
        for asked in self._asked(plan):
            for place in places.rows(asked.keys):
                if self._holds(asked, rows[place]):
                    yield fired(indices[place], rows[place], asked.ready, plan)

    def _holds(self, asked: _Asked, row: Row) -> bool:
        try:
            return asked.holds(row)
        except Exception as error:  # noqa: BLE001 - one rule over one event: recorded, the other events and rules go on
            self.failed[asked.ready.rule.id, f"{type(error).__name__}: {error}"] += 1
            return False


def fired(index: int, row: Row, ready: Ready, plan: Plan) -> Fired:
    """Give what is known of a rule that holds on a row."""
    return Fired(index, row, ready.rule, ready.witnesses, ready.names, plan.derived)


def kinds(batch: Batch, plans: Plans, *, narrow: bool = True) -> Iterator[tuple[Plan, Sequence[int]]]:
    """Yield each plan that events of the batch need, with the places of those events; nearly always one.

    `narrow` leaves out what needs columns that the batch has not; without it, batches of one kind share one plan.
    """
    names = frozenset(name for name in batch.table.column_names if not name.startswith("_"))
    deciding = sorted(plans.deciding(batch.logsource) & names)
    masks = [batch.table.column(name).is_valid().to_numpy() for name in deciding]
    patterns = np.stack(masks) if masks else np.empty((0, batch.table.num_rows), np.bool_)
    found, of_row = np.unique(patterns, axis=1, return_inverse=True)
    if not masks:
        found, of_row = np.empty((0, 1), np.bool_), np.zeros(batch.table.num_rows, np.int64)
    for number in range(found.shape[1]):
        present = [name for name, there in zip(deciding, found[:, number].tolist(), strict=True) if there]
        yield plans.plan(batch.logsource, present, names if narrow else None), np.flatnonzero(of_row == number).tolist()


def _asked(plan: Plan) -> tuple[_Asked, ...]:
    return tuple(map(_asked_of, plan.ready))


def _asked_of(ready: Ready) -> _Asked:
    if isinstance(ready.left, bool):
        return _Asked(ready, _always if ready.left else _never, None)
    return _Asked(ready, compile_condition(ready.left), gate(ready.left))


def _always(_: Row) -> bool:
    return True


def _never(_: Row) -> bool:
    return False
