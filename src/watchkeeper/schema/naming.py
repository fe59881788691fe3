"""What in an event of a log names entities, and what is compared with intelligence. Owns finding it by the attributes it fills.

Normalising entities and taking texts apart are `detection`'s.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import pyarrow as pa

from watchkeeper.model.batch import Value
from watchkeeper.model.logsource import LogSource
from watchkeeper.schema.arrays import Column, renamed, where
from watchkeeper.schema.attributes import attribute
from watchkeeper.schema.mapping import GENERAL, Shape, everywhere, shapes_of
from watchkeeper.schema.reading import has
from watchkeeper.schema.spec import Condition, Step, filled_in
from watchkeeper.schema.transforms import SPLITS, TRANSFORMS
from watchkeeper.schema.values import Natives, filled, rows_of

_JOINED = frozenset({"url"})
"""Kinds of entities that are whole only when fields are joined; what other templates join is named by its parts already."""


@dataclass(frozen=True, slots=True)
class Name:
    """One native field that names entities."""

    kind: str
    """Kind of entity."""
    path: str
    """The attribute that it fills."""
    field: str
    """The native field; empty where several are joined."""
    step: Step
    """How its text becomes the attribute's; a text that the step cuts into several is taken whole."""
    conditions: tuple[Condition, ...]
    """When it does so."""

    @property
    def natives(self) -> tuple[str, ...]:
        """The native fields that its texts are made of."""
        return (self.field,) if self.field else tuple(self.step.natives())

    def texts(self, row: Mapping[str, Value]) -> Iterator[str]:
        """Yield what an event has there, as the attribute would have it."""
        value = row.get(self.field) if self.field else filled_in(self.step.template, row)
        if value is None or not all(_holds(condition, row) for condition in self.conditions):
            return
        for at, text in enumerate((value,) if isinstance(value, str) else value):
            if self.step.by is None or _beside(self.step.by, row, at):
                changed = _changed(self.step, text)
                if changed:
                    yield changed


def naming(source: LogSource) -> Sequence[Name]:
    """Give what names entities in a log source's events, in the order of the mapping."""
    return _naming(source.product, source.service, source.event_type)


@lru_cache(maxsize=4_096)
def _naming(product: str, service: str, event_type: str) -> Sequence[Name]:
    source = LogSource(product=product, service=service, event_type=event_type)
    found = [name for shape in shapes_of(source) for name in _of_shape(shape, source) if _ties(name, shape)]
    always = {(name.kind, name.natives, name.step.transforms) for name in found if not name.conditions}
    kept = [name for name in found if not name.conditions or (name.kind, name.natives, name.step.transforms) not in always]
    return tuple({(name.kind, name.natives, name.step.transforms, name.conditions): name for name in kept}.values())


def compared(source: LogSource) -> Mapping[str, str]:
    """Give the native fields whose values are compared with intelligence, with the kind of text that stands in each.

    They are those of the log, of what the product's mapping says of all its logs, and the usual words, whatever the conditions. Where a
    field fills several attributes, the product's own go before the usual words', then what ties, then what is filled unchanged.
    """
    own = (*reversed(shapes_of(source)), everywhere(source.product))
    shapes = (*((False, shape) for shape in own), (True, everywhere(GENERAL)))
    names = [
        (usual, not _ties(name, shape), bool(name.step.transforms), name) for usual, shape in shapes for name in _of_shape(shape, source)
    ]
    found: dict[str, str] = {}
    for *_, name in sorted(names, key=lambda one: one[:3]):
        if name.field:
            found.setdefault(name.field, name.kind)
    return found


def _ties(name: Name, shape: Shape) -> bool:
    return name.step.ties and (name.path in shape.kinds or bool(attribute(name.path).kind))


def _of_shape(shape: Shape, source: LogSource) -> Iterator[Name]:
    for path, steps in shape.fields.items():
        kind = shape.kinds[path] if path in shape.kinds else attribute(path).compared
        for step in steps if kind else ():
            conditions = _left((shape.when, step.when), source)
            if conditions is not None and step.template and kind in _JOINED:
                yield Name(kind or "", path, "", step, conditions)
            elif conditions is not None:
                yield from (Name(kind or "", path, field, step, conditions) for field in step.fields if not field.startswith("_"))


def joined_texts(name: Name, table: pa.Table) -> Column | None:
    """Give the texts of joined fields, one or none a row; none if no row has any."""
    held = [
        native for native in table.column_names if native in {*name.natives, *(field for one in name.conditions for field, _ in one.wanted)}
    ]
    natives = Natives(table.select(held), {})
    found = filled(natives, (replace(name.step, when=None),))
    for condition in name.conditions if found is not None else ():
        mask = rows_of(natives, condition)
        found = found if mask is None or found is None else where(mask, found)
    return found


def _left(conditions: tuple[Condition | None, ...], source: LogSource) -> tuple[Condition, ...] | None:
    """Give the conditions without what the log source settles; none if it settles that they never hold."""
    constants = {"_product": source.product, "_service": source.service, "_event_type": source.event_type}
    left: list[Condition] = []
    for condition in conditions:
        wanted = dict(condition.wanted if condition else ())
        for name in constants.keys() & wanted.keys():
            if not has(constants[name], wanted.pop(name)):
                return None
        if wanted:
            left.append(Condition(tuple(wanted.items())))
    return tuple(left)


def _holds(condition: Condition, row: Mapping[str, Value]) -> bool:
    return all(has(row.get(name), wanted) for name, wanted in condition.wanted)


def _beside(by: Condition, row: Mapping[str, Value], at: int) -> bool:
    for name, wanted in by.wanted:
        value = row.get(name, "")
        neighbours = (value,) if isinstance(value, str) else value
        if at >= len(neighbours) or not has(neighbours[at], wanted):
            return False
    return True


def _changed(step: Step, text: str) -> str | None:
    if any(name in SPLITS for name in step.transforms):
        return text
    changed: str | None = text
    for name in step.transforms:
        changed = TRANSFORMS[name](changed) if changed else None
    if changed and (step.values is not None or step.prefixes is not None):
        return renamed(step.values, step.prefixes, step.other)(changed)
    return changed
