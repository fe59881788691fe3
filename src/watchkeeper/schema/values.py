"""Filling in attributes: native columns to columns of the view. Owns following a `Spec`, and giving each column its attribute's type."""

import re
from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.schema.arrays import Column, beside, cleaned, each, either, first, is_any, is_list, joined, listed, renamed, split, where
from watchkeeper.schema.attributes import Attribute
from watchkeeper.schema.classes import OTHER
from watchkeeper.schema.spec import Condition, Spec, Step
from watchkeeper.schema.transforms import SPLITS, TRANSFORMS

_compute = cast("Any", pc)
_TRUE, _FALSE = frozenset({"true", "yes", "1", "t"}), frozenset({"false", "no", "0", "f"})
_FLOAT = re.compile(r"-?\d{1,18}(?:\.\d{1,18})?(?:[eE][+-]?\d{1,2})?")


class Natives:
    """The columns that specs name, cleaned when they are first asked for."""

    def __init__(self, table: pa.Table, constants: Mapping[str, str]) -> None:
        """Look at one table; `constants` are columns that say the same in every row."""
        self._table = table.combine_chunks()
        self._constants = constants
        self._known: dict[str, Column | None] = {}

    def __len__(self) -> int:
        """Count the rows."""
        return self._table.num_rows

    def column(self, name: str) -> Column | None:
        """Give a native column; none if no row has it."""
        if name not in self._known:
            self._known[name] = self._found(name)
        return self._known[name]

    def constant(self, text: str) -> Column:
        """Give a column that says the same everywhere."""
        return pa.repeat(pa.scalar(text, pa.string()), len(self))

    def _found(self, name: str) -> Column | None:
        if name in self._constants:
            return cleaned(self.constant(self._constants[name]))
        if name not in self._table.column_names:
            return None
        column = cast("Any", self._table.column(name)).combine_chunks()
        found = cleaned(column) if column.type == pa.string() or is_list(column) else column
        return None if found.null_count == len(found) else found


def rows_of(natives: Natives, condition: Condition | None) -> Column | None:
    """Say which rows a condition means; none if all."""
    masks = [_mask(natives, name, wanted) for name, wanted in condition.wanted] if condition else []
    if not masks:
        return None
    found = masks[0]
    for mask in masks[1:]:
        found = _compute.and_(found, mask)
    return found


def filled(natives: Natives, spec: Spec) -> Column | None:
    """Follow the steps of a spec; none if no row gets a value. The column is of text, or of lists of text."""
    found: Column | None = None
    for step in spec:
        column = _stepped(natives, step)
        if column is None:
            continue
        mask = rows_of(natives, step.when)
        found = either(found, column if mask is None else where(mask, column))
        if not _compute.any(_compute.is_null(found)).as_py():
            break
    return None if found is None or found.null_count == len(found) else found


def typed(column: Column, attribute: Attribute) -> Column:
    """Give a column its attribute's type: a text that is no number where one is due becomes none; where one value is due, the first."""
    plain = attribute.plain
    shaped = listed(column) if attribute.several else first(column)
    if attribute.captions:
        known = {caption.lower(): caption for caption in attribute.captions}
        shaped = each(shaped, lambda text: known.get(text.lower(), text))
    if pa.types.is_int64(plain):
        return each(shaped, lambda text: int(number) if (number := TRANSFORMS["integer"](text)) else None, plain)
    if pa.types.is_float64(plain):
        return each(shaped, lambda text: float(text) if _FLOAT.fullmatch(text) else None, plain)
    return each(shaped, _truth, plain) if pa.types.is_boolean(plain) else shaped


def numbered(column: Column, attribute: Attribute) -> Column:
    """Give the numbers of captions; what is none of them is Other."""
    return each(column, lambda text: attribute.captions.get(text, OTHER), pa.int64())


def _mask(natives: Natives, name: str, wanted: tuple[str, ...]) -> Column:
    column = natives.column(name)
    if column is None:
        return pa.repeat(pa.scalar("" in wanted), len(natives))
    found = is_any(column, wanted)
    return _compute.or_(found, _compute.is_null(column)) if "" in wanted else found


def _stepped(natives: Natives, step: Step) -> Column | None:
    column = _source(natives, step)
    if column is None:
        return None
    for name in step.transforms:
        column = split(column, SPLITS[name]) if name in SPLITS else each(column, TRANSFORMS[name])
    if step.values is not None or step.prefixes is not None:
        column = each(column, renamed(step.values, step.prefixes, step.other))
    return column


def _source(natives: Natives, step: Step) -> Column | None:
    if step.constant is not None:
        return natives.constant(step.constant)
    if step.template:
        return _templated(natives, step.template)
    found: Column | None = None
    for name in step.fields:
        column = natives.column(name)
        if column is not None:
            found = either(found, column if step.by is None else _chosen(natives, column, step.by))
    return found


def _chosen(natives: Natives, column: Column, by: Condition) -> Column:
    for name, wanted in by.wanted:
        other = natives.column(name)
        column = where(rows_of(natives, by), column) if other is None else beside(column, other, wanted)
    return column


def _templated(natives: Natives, template: str) -> Column | None:
    parts = list(_parts(natives, template))
    return None if any(part is None for part in parts) else joined(parts)


def _parts(natives: Natives, template: str) -> Iterator[Column | None]:
    for text, name, _, _ in Formatter().parse(template):
        if text:
            yield natives.constant(text)
        if name:
            yield natives.column(name)


def _truth(text: str) -> bool | None:
    lowered = text.lower()
    return True if lowered in _TRUE else False if lowered in _FALSE else None
