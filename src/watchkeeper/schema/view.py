"""Events as the schema sees them. Owns the table of a batch and the record of a row; where values come from stands in the mappings."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.model.batch import Batch
from watchkeeper.schema.arrays import Column, each, first
from watchkeeper.schema.attributes import attribute
from watchkeeper.schema.classes import OTHER, version
from watchkeeper.schema.mapping import Shape, shapes_of
from watchkeeper.schema.spec import Spec, Step
from watchkeeper.schema.values import Natives, filled, numbered, rows_of, typed

KEPT = ("_id", "_time", "_host", "_source", "_row")
"""Reserved columns that a view begins with, so that its rows can be found again."""

_compute = cast("Any", pc)
_OTHERWISE: Mapping[str, Spec] = {"severity": (Step(constant="Informational"),)}
"""What is said of events of which a mapping, or an event itself, says nothing else."""


def view(batch: Batch, wanted: Callable[[str], bool] = lambda _: True) -> pa.Table:
    """Give a batch's events as the schema sees them, row for row; of the attributes only the `wanted`.

    Columns are `KEPT`, then attributes by dotted path (`src_endpoint.ip`), each of the type that `content/schema/types.yml` gives it. That
    does not depend on the log source, so tables of several batches go together. An attribute that no row has is left out.
    """
    tables: list[pa.Table] = []
    order: list[Column] = []
    for shape, rows, part in _parts(batch):
        tables.append(_shaped(part, shape, wanted))
        order.append(rows)
    if len(tables) == 1:
        return tables[0]
    together = pa.concat_tables(tables, promote_options="default")
    return together.take(_compute.sort_indices(pa.concat_arrays(order)))


def _parts(batch: Batch) -> Iterator[tuple[Shape, Column, Batch]]:
    """Yield each shape that rows have, with their numbers and themselves."""
    left = pa.array(range(batch.table.num_rows), pa.int64())
    shapes = shapes_of(batch.logsource)
    if len(shapes) == 1:
        yield shapes[0], left, batch
        return
    natives = _natives(batch)
    for shape in shapes:
        mask = rows_of(natives, shape.when)
        taken = left if mask is None else _compute.filter(left, _compute.take(mask, left))
        if len(taken) or (shape is shapes[-1] and not batch.table.num_rows):
            yield shape, taken, Batch(batch.logsource, batch.table.take(taken))
        left = _compute.filter(left, _compute.invert(_compute.is_in(left, value_set=taken)))


def _shaped(batch: Batch, shape: Shape, wanted: Callable[[str], bool]) -> pa.Table:
    natives = _natives(batch)
    columns: dict[str, Column] = {name: batch.table.column(name) for name in KEPT}
    columns.update(_class_columns(natives, shape))
    columns["time"] = _compute.divide(batch.table.column("_time").cast(pa.int64()), 1000)
    columns["time_dt"] = batch.table.column("_time")
    columns["metadata.version"] = natives.constant(version())
    for path, spec in {**dict.fromkeys(_OTHERWISE, ()), **shape.fields}.items():
        if not wanted(path):
            continue
        columns.update(_attribute_columns(natives, path, (*spec, *_OTHERWISE.get(path, ()))))
    return pa.table({name: column for name, column in columns.items() if name in KEPT or column.null_count < len(column)})


def _attribute_columns(natives: Natives, path: str, spec: Spec) -> dict[str, Column]:
    column = filled(natives, spec)
    if column is None:
        return {}
    about = attribute(path)
    found = typed(column, about)
    return {path: found, f"{path}_id": numbered(found, about)} if about.captions else {path: found}


def _class_columns(natives: Natives, shape: Shape) -> dict[str, Column]:
    of = shape.of
    named = filled(natives, shape.activity)
    name = _compute.fill_null(natives.constant("Unknown") if named is None else first(named), "Unknown")
    number = each(name, lambda text: of.activities.get(text, OTHER), pa.int64())
    known = each(name, lambda text: text if text in of.activities else "Other")
    return {
        "class_uid": _same(natives, of.uid),
        "class_name": natives.constant(of.name),
        "category_uid": _same(natives, of.category_uid),
        "category_name": natives.constant(of.category),
        "activity_id": number,
        "activity_name": name,
        "type_uid": _compute.add(number, of.uid * 100),
        "type_name": _compute.binary_join_element_wise(f"{of.name}: ", known, ""),
    }


def _same(natives: Natives, number: int) -> Column:
    return pa.repeat(pa.scalar(number, pa.int64()), len(natives))


def _natives(batch: Batch) -> Natives:
    source = batch.logsource
    return Natives(batch.table, {"_product": source.product, "_service": source.service, "_event_type": source.event_type})
