"""One event as the schema sees it, attribute by attribute. Owns following a mapping for a single row; whole tables are `view`'s."""

from collections.abc import Callable, Iterable, Mapping

import pyarrow as pa

from watchkeeper.model.batch import Value
from watchkeeper.model.logsource import LogSource
from watchkeeper.schema.arrays import NOTHING, renamed
from watchkeeper.schema.attributes import Attribute, attribute
from watchkeeper.schema.mapping import Shape, shapes_of
from watchkeeper.schema.spec import Condition, Spec, Step, filled_in
from watchkeeper.schema.transforms import SPLITS, TRANSFORMS

_Held = str | list[str | None]
_NUMBER = pa.int64()
ACTIVITY = "activity_name"


class Reading:
    """One event's attributes, each read when it is asked for; they say what `view` would say of the same event."""

    __slots__ = ("_constants", "_row", "_shape")

    def __init__(self, source: LogSource, row: Mapping[str, Value], host: str = "") -> None:
        """Place an event of this log, with its native fields and the host it is about, in the schema."""
        self._row = row
        self._constants = {"_product": source.product, "_service": source.service, "_event_type": source.event_type, "_host": host}
        shapes = shapes_of(source)
        self._shape: Shape = next((shape for shape in shapes if self._all(shape.when)), shapes[-1])

    @property
    def class_name(self) -> str:
        """Name of the event's class, such as `HTTP Activity`."""
        return self._shape.of.name

    @property
    def class_uid(self) -> int:
        """Number of the event's class."""
        return self._shape.of.uid

    def text(self, path: str) -> str:
        """Give the first value of an attribute by its path; empty if the event says nothing there."""
        return next(iter(self.texts(path)), "")

    def texts(self, path: str) -> tuple[str, ...]:
        """Give every value of an attribute by its path, as text; `activity_name` is the class's activity."""
        if path == ACTIVITY:
            return _typed(self._filled(self._shape.activity), attribute(path)) or ("Unknown",)
        spec = self._shape.fields.get(path)
        return _typed(self._filled(spec), attribute(path)) if spec else ()

    def paths(self) -> Iterable[str]:
        """Give the attributes that events like this one may say something in, in the mapping's order."""
        return self._shape.fields

    def _filled(self, spec: Spec) -> _Held | None:
        for step in spec:
            found = self._stepped(step) if self._all(step.when) else None
            if found is not None:
                return found
        return None

    def _stepped(self, step: Step) -> _Held | None:
        found = self._source(step)
        return None if found is None else _changed(step, found)

    def _source(self, step: Step) -> _Held | None:
        if step.constant is not None:
            return step.constant
        if step.template:
            natives = {name: value for name in step.natives() if (value := self._native(name)) is not None}
            return filled_in(step.template, natives)
        for name in step.fields:
            value = self._native(name)
            found = value if value is None or step.by is None else self._beside(value, step.by)
            if found is not None:
                return found if isinstance(found, str) else list(found)
        return None

    def _native(self, name: str) -> Value | None:
        value = self._constants.get(name) or self._row.get(name)
        return value if value and not (isinstance(value, str) and value in NOTHING) else None

    def _beside(self, value: Value, by: Condition) -> Value | None:
        """Give, of several values, the first whose neighbour in the other list is as wanted."""
        for name, wanted in by.wanted:
            other = self._native(name)
            if isinstance(value, str) or other is None or isinstance(other, str):
                value = (value if isinstance(value, str) else value[0]) if has(other, wanted) else ""
            else:
                near = zip(value, other, strict=True) if len(value) == len(other) else ()
                value = next((one for one, neighbour in near if has(neighbour, wanted)), "")
        return value or None

    def _all(self, condition: Condition | None) -> bool:
        return condition is None or all(has(self._native(name), wanted) for name, wanted in condition.wanted)


def given(step: Step, path: str, text: str) -> tuple[str, ...]:
    """Give what an attribute says where a step has found a text: nothing, or one value, or several where the attribute may have several."""
    return _typed(_changed(step, text), attribute(path))


def _changed(step: Step, held: _Held) -> _Held | None:
    found: _Held | None = held
    for name in step.transforms:
        if found is None:
            return None
        found = _split(found, SPLITS[name]) if name in SPLITS else _each(found, TRANSFORMS[name])
    if found is not None and (step.values is not None or step.prefixes is not None):
        return _each(found, renamed(step.values, step.prefixes, step.other))
    return found


def has(value: Value | None, wanted: tuple[str, ...]) -> bool:
    """Say whether a native value, or one of several, is as wanted, without case; a wanted text that ends in `*` is a beginning."""
    if value is None:
        return "" in wanted
    lowered = [text.lower() for text in ((value,) if isinstance(value, str) else value)]
    return any(text.startswith(one[:-1]) if one.endswith("*") else text == one for text in lowered for one in wanted)


def _each(held: _Held, change: Callable[[str], str | None]) -> _Held | None:
    return change(held) if isinstance(held, str) else [None if one is None else change(one) for one in held]


def _split(held: _Held, at: str) -> _Held | None:
    return [part.strip() for part in held.split(at) if part.strip()] or None if isinstance(held, str) else held


def _typed(held: _Held | None, about: Attribute) -> tuple[str, ...]:
    if held is None:
        return ()
    values = [held] if isinstance(held, str) else held if about.several else held[:1]
    if about.captions:
        known = {caption.lower(): caption for caption in about.captions}
        return tuple(known.get(one.lower(), one) for one in values if one is not None)
    if about.plain == _NUMBER:
        return tuple(number for one in values if one is not None and (number := TRANSFORMS["integer"](one)))
    return tuple(one for one in values if one is not None)
