"""Columns of text and of lists of text, and what is done to all their values at once. Owns the Arrow of it; what values mean is others'."""

from collections.abc import Callable, Mapping
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute as pc

Column = Any
"""An Arrow array of text or of lists of text; the stubs of Arrow's functions are too narrow for both."""

_compute = cast("Any", pc)
NOTHING = frozenset({"", "-", "%%1793", "(null)", "null", "NULL", "none", "None"})
"""How logs write that there is no value."""
_NOTHING = pa.array(sorted(NOTHING), pa.string())


def cleaned(column: Column) -> Column:
    """Take out what stands for no value."""
    if is_list(column):
        return _compute.if_else(_compute.greater(_compute.list_value_length(column), 0), column, pa.scalar(None, column.type))
    return _compute.if_else(_compute.is_in(column, value_set=_NOTHING), pa.scalar(None, pa.string()), column)


def is_list(column: Column) -> bool:
    """Say whether it is a column of lists."""
    return pa.types.is_list(column.type)


def each(column: Column, change: Callable[[str], object], kind: pa.DataType | None = None) -> Column:
    """Change every value; a distinct value is changed once. Within lists, every element keeps its place."""
    if is_list(column):
        return relisted(column, each(_compute.list_flatten(column), change, kind))
    encoded = column.dictionary_encode()
    changed = pa.array([None if value is None else change(value) for value in encoded.dictionary.to_pylist()], kind or pa.string())
    return changed.take(encoded.indices)


def relisted(column: Column, values: Column) -> Column:
    """Put values, one for each element, into lists as those of the column."""
    lengths = _compute.fill_null(_compute.list_value_length(column), 0).cast(pa.int32())
    offsets = pa.concat_arrays([pa.array([0], pa.int32()), _compute.cumulative_sum(lengths)])
    return cast("Any", pa.ListArray).from_arrays(offsets, values, mask=_compute.is_null(column))


def listed(column: Column) -> Column:
    """Give each value as a list of one."""
    if is_list(column):
        return column
    offsets = pa.array(range(len(column) + 1), pa.int32())
    return cast("Any", pa.ListArray).from_arrays(offsets, column, mask=_compute.is_null(column))


def compacted(column: Column) -> Column:
    """Take elements without a value out of lists; a list that had no others is none."""
    if not is_list(column):
        return column
    values, rows = _compute.list_flatten(column), _compute.list_parent_indices(column)
    kept = _compute.filter(rows, _compute.is_valid(values))
    counts = [0] * len(column)
    for row in kept.to_pylist():
        counts[row] += 1
    offsets = pa.concat_arrays([pa.array([0], pa.int32()), _compute.cumulative_sum(pa.array(counts, pa.int32()))])
    return cast("Any", pa.ListArray).from_arrays(offsets, values.drop_null(), mask=pa.array([not count for count in counts]))


def first(column: Column) -> Column:
    """Give the first element of each list; none of an empty one."""
    if not is_list(column):
        return column
    lengths = _compute.fill_null(_compute.list_value_length(column), 0).cast(pa.int64())
    starts = _compute.subtract(_compute.cumulative_sum(lengths), lengths)
    return _compute.list_flatten(column).take(_compute.if_else(_compute.greater(lengths, 0), starts, pa.scalar(None, pa.int64())))


def beside(column: Column, other: Column, wanted: tuple[str, ...]) -> Column:
    """Give, of each list, the first element whose neighbour in the other list is as wanted; none where they are not of one length."""
    if not is_list(column) or not is_list(other):
        return where(is_any(other, wanted), first(column))
    even = _compute.fill_null(_compute.equal(_compute.list_value_length(column), _compute.list_value_length(other)), False)  # noqa: FBT003 -- Arrow's own
    column, other = where(even, column), where(even, other)
    hits = is_any(_compute.list_flatten(other), wanted)
    rows = _compute.filter(_compute.list_parent_indices(column), hits)
    values = _compute.filter(_compute.list_flatten(column), hits)
    return values.take(_compute.index_in(pa.array(range(len(column)), rows.type), value_set=rows))


def split(column: Column, at: str) -> Column:
    """Cut each text into several, without the blanks around them and without empty ones."""
    if is_list(column):
        return column
    return compacted(each(_compute.split_pattern(column, at), lambda text: text.strip() or None))


def either(one: Column | None, other: Column) -> Column:
    """Give the first that has a value, row by row."""
    if one is None:
        return other
    if is_list(one) != is_list(other):
        one, other = listed(one), listed(other)
    return _compute.coalesce(one, other)


def joined(parts: list[Column]) -> Column:
    """Put texts together; nothing where one is missing."""
    return _compute.binary_join_element_wise(*[first(part) for part in parts], "")


def where(mask: Column, column: Column) -> Column:
    """Keep the values of the rows that the mask names."""
    return _compute.if_else(mask, column, pa.scalar(None, column.type))


def is_any(column: Column, wanted: tuple[str, ...]) -> Column:
    """Say of each row whether its text, or one of its texts, is as wanted, without case; a wanted text ending in `*` is a beginning."""
    if is_list(column):
        hits = is_any(_compute.list_flatten(column), wanted)
        rows = _compute.unique(_compute.filter(_compute.list_parent_indices(column), hits))
        return _compute.is_in(pa.array(range(len(column)), rows.type), value_set=rows)
    exact = frozenset(one for one in wanted if not one.endswith("*"))
    starts = tuple(one[:-1] for one in wanted if one.endswith("*"))
    found = each(column, lambda text: (lowered := text.lower()) in exact or lowered.startswith(starts), pa.bool_())
    return _compute.fill_null(found, False)  # noqa: FBT003 -- Arrow's own


def renamed(values: Mapping[str, str] | None, prefixes: Mapping[str, str] | None, other: str | None) -> Callable[[str], str | None]:
    """Make the change that gives a native value its name in the schema."""

    def change(text: str) -> str | None:
        lowered = text.lower()
        if values is not None and lowered in values:
            return values[lowered] or None
        for start, name in (prefixes or {}).items():
            if lowered.startswith(start):
                return name or None
        return text if other is None else other or None

    return change
