"""The fast engine over batches: what `sigma.fused` finds, and the reference where that cannot be sure. Owns the division of labour."""

from collections import Counter
from collections.abc import Iterator, Sequence

import pyarrow as pa

from watchkeeper.detection.plan import Plan, Plans
from watchkeeper.detection.reference import Reference, fired, kinds
from watchkeeper.detection.sigma.fused.batches import FusedBatches, Hit
from watchkeeper.detection.sigma.fused.engine import PLACES
from watchkeeper.detection.sigma.row import Row
from watchkeeper.detection.signals import Fired
from watchkeeper.model.batch import Batch


class Fast:
    """Runs plans over batches; the same answers as the reference."""

    def __init__(self, plans: Plans, table_places: int = PLACES) -> None:
        """Take the plans, and how many places the table of values has."""
        self._plans = plans
        self._fused = FusedBatches(table_places)
        self._reference = Reference(plans)
        self._left: set[Plan] = set()

    @property
    def failed(self) -> Counter[tuple[str, str]]:
        """How many events a rule failed on, by its id and the reason."""
        return self._reference.failed

    def hits(self, batch: Batch) -> Iterator[Fired]:
        """Yield what holds."""
        for plan, indices in kinds(batch, self._plans, narrow=False):
            table = batch.table if len(indices) == batch.table.num_rows else batch.table.take(pa.array(indices))
            yield from self._over(plan, Batch(batch.logsource, table), indices)

    def _over(self, plan: Plan, batch: Batch, indices: Sequence[int]) -> Iterator[Fired]:
        found = self._found(plan, batch)
        if not found:
            return
        rows = sorted({hit.row for hit in found})
        natives = dict(zip(rows, Batch(batch.logsource, batch.table.take(pa.array(rows, pa.int64()))).rows(), strict=True))
        made = {row: Row(native, plan.filled(native), plan.wanted) for row, native in natives.items()}
        places = {id(ready): place for place, ready in enumerate(plan.routed)}
        for hit in sorted(found, key=lambda one: places[id(one.ready)] if one.ready else -1):
            if hit.ready is None:
                yield from (one.moved(indices[hit.row]) for one in self._reference.of_row(plan, made[hit.row]))
            elif not hit.unsure or self._reference.holds(hit.ready, made[hit.row]):
                yield fired(indices[hit.row], made[hit.row], hit.ready, plan)

    def _found(self, plan: Plan, batch: Batch) -> list[Hit]:
        if plan not in self._left:
            try:
                return list(self._fused.hits(plan, batch.table))
            except Exception:  # noqa: BLE001 - a rule that fails on a value: the reference finds out which one, and counts it
                self._left.add(plan)
                self._fused.forget()
        return [Hit(row, None, unsure=True) for row in range(batch.table.num_rows)]
