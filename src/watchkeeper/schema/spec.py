"""How one attribute comes from native fields, as a mapping says it. Owns the grammar of it; `values` fills it in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from string import Formatter
from typing import cast

from watchkeeper.model.batch import Value
from watchkeeper.schema.transforms import SPLITS, TRANSFORMS

_KNOWN = frozenset({"from", "value", "template", "as", "values", "prefixes", "other", "when", "by", "ties"})


@dataclass(frozen=True, slots=True)
class Condition:
    """Which rows something is for: native field to the values it may have, compared without case; one ending in `*` is a beginning."""

    wanted: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One way to a value; where it gives none, the next way is tried."""

    fields: tuple[str, ...] = ()
    """Native fields, the first that has a value counts."""
    constant: str | None = None
    template: str = ""
    """Text with native fields in braces; it gives nothing where one of them is missing."""
    transforms: tuple[str, ...] = ()
    """Names in `TRANSFORMS` and `SPLITS`, applied in order."""
    values: Mapping[str, str] | None = None
    """Native value, in lower case, to what the schema calls it."""
    prefixes: Mapping[str, str] | None = None
    """The same for how a native value begins, in the order in which they are tried."""
    other: str | None = None
    """What a value is called that neither knows; an empty text drops it, none keeps it."""
    when: Condition | None = None
    by: Condition | None = None
    """Of several values, the one whose neighbour in another list is as wanted."""
    ties: bool = True
    """Whether values tie events together where the attribute names entities, or are compared with intelligence alone."""

    def natives(self) -> Iterator[str]:
        """Yield the native fields that a value is taken from."""
        yield from self.fields
        yield from (name for _, name, _, _ in Formatter().parse(self.template) if name)


Spec = tuple[Step, ...]


def filled_in(template: str, row: Mapping[str, Value]) -> str | None:
    """Fill a template with an event's native fields, of several values the first; none where one is missing."""
    parts: list[str] = []
    for literal, name, _, _ in Formatter().parse(template):
        parts.append(literal)
        if name:
            value = row.get(name)
            first = value if value is None or isinstance(value, str) else next(iter(value), None)
            if first is None:
                return None
            parts.append(first)
    return "".join(parts)


def spec(written: object, place: str) -> Spec:
    """Read what a mapping says of one attribute: a native field, a mapping of the words above, or a list of either.

    Raises:
        ValueError: it is none of these; the message begins with `place`.
    """
    if isinstance(written, list):
        return tuple(_step(one, place) for one in cast("list[object]", written))
    return (_step(written, place),)


def condition(written: object, place: str) -> Condition | None:
    """Read a condition: native field to one value or several.

    Raises:
        ValueError: it is none.
    """
    if written is None:
        return None
    if not isinstance(written, dict):
        raise ValueError(  # noqa: TRY004 -- the file's content is wrong, not a type in our code
            f"{place}: 'when' maps native fields to values, got {written!r}"
        )
    return Condition(tuple((name, _lowered(values)) for name, values in cast("dict[str, object]", written).items()))


def _step(written: object, place: str) -> Step:
    if isinstance(written, str):
        return Step(fields=(written,))
    if not isinstance(written, dict):
        raise ValueError(  # noqa: TRY004 -- the file's content is wrong, not a type in our code
            f"{place}: expected a native field or a mapping, got {written!r}"
        )
    said = cast("dict[str, object]", written)
    unknown = sorted(said.keys() - _KNOWN)
    if unknown:
        raise ValueError(f"{place}: {unknown[0]!r} is not known; known are {', '.join(sorted(_KNOWN))}")
    constant = said.get("value")
    return Step(
        fields=texts(said.get("from")),
        constant=None if constant is None else text(constant),
        template=str(said.get("template", "")),
        transforms=_transforms(said.get("as"), place),
        values=_named(said.get("values")),
        prefixes=_named(said.get("prefixes")),
        other=None if "other" not in said else text(said["other"] or ""),
        when=condition(said.get("when"), place),
        by=condition(said.get("by"), place),
        ties=_ties(said.get("ties", True), place),
    )


def _ties(written: object, place: str) -> bool:
    if not isinstance(written, bool):
        raise ValueError(  # noqa: TRY004 -- the file's content is wrong, not a type in our code
            f"{place}: 'ties' is true or false, got {written!r}"
        )
    return written


def texts(written: object) -> tuple[str, ...]:
    """Give one text or several as several."""
    if written is None:
        return ()
    return tuple(text(one) for one in cast("Sequence[object]", written)) if isinstance(written, list) else (text(written),)


def text(written: object) -> str:
    """Write a YAML scalar as a source would."""
    return str(written).lower() if isinstance(written, bool) else str(written)


def _lowered(written: object) -> tuple[str, ...]:
    return tuple(one.lower() for one in texts(written))


def _named(written: object) -> Mapping[str, str] | None:
    if written is None:
        return None
    pairs = cast("dict[object, object]", written).items()
    return {text(native).lower(): "" if ours is None else text(ours) for native, ours in pairs}


def _transforms(written: object, place: str) -> tuple[str, ...]:
    names = texts(written)
    known = {*TRANSFORMS, *SPLITS}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"{place}: {unknown[0]!r} is no transform; known are {', '.join(sorted(known))}")
    return names
