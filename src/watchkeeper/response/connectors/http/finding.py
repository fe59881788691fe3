"""Finding a value in an answer in JSON. Owns the paths: names joined by dots, `[n]` for the place in a list, and nothing that computes."""

import json
import re
from collections.abc import Iterator
from typing import Annotated, Any, cast

from pydantic import AfterValidator, Field

from watchkeeper.model.noun import Noun
from watchkeeper.response.connectors.http.insertion import Template, Value, Values, in_text

_NAME = r'(?:[A-Za-z_@$][\w@$-]*|"[^"\n]+")'
_INDEX = r"\[-?[0-9]{1,6}\]"
_WHOLE = re.compile(rf"(?:(?:{_NAME}|{_INDEX})(?:\.{_NAME}|{_INDEX})*)?")
_PART = re.compile(rf"({_NAME})|({_INDEX})")
_MOST_TEXT = 2_000
_MOST_LIST = 10_000


def _checked(path: str) -> str:
    if not _WHOLE.fullmatch(path):
        raise ValueError(f"{path[:80]!r} is no path into JSON; write it like data.items[0].id")
    return path


JsonPath = Annotated[str, AfterValidator(_checked)]
"""Where a value is in an answer; empty: the whole of it."""


class Find(Noun):
    """What of an answer is remembered."""

    path: JsonPath = ""
    """Where the value is, or a list of which one element is meant."""
    where: dict[JsonPath, Template] = Field(default_factory=dict[JsonPath, Template])
    """The first element of that list whose values at these paths are these, in whatever case; templates."""
    has: dict[JsonPath, Template] = Field(default_factory=dict[JsonPath, Template])
    """The first element of that list whose texts at these paths hold these; templates."""
    take: JsonPath = ""
    """Where in the element the value is."""
    one: bool = False
    """Whether it is refused if more than one element fits: nothing is done to the wrong one."""


class Expect(Noun):
    """What has to be so."""

    value: Template
    """What is looked at; a template, mostly of one remembered value."""
    one_of: tuple[Template, ...] = ()
    """It is one of these, in whatever case; templates. Empty, and nothing else asked: it is there."""
    has: Template = ""
    """It holds this, as text or as an element of a list; a template."""
    missing_counts: bool = False
    """Whether it is so as well if the value is not there."""


def parsed(body: bytes) -> object:
    """Read an answer; none at all is an empty object.

    Raises:
        ValueError: it is no JSON.
    """
    if not body.strip():
        return {}
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ValueError("its answer is no JSON") from error


def remembered(wanted: dict[str, Find], answer: object, values: Values) -> dict[str, Value]:
    """Give what is to be remembered of an answer; what is not in it is left out.

    Raises:
        ValueError: more than one element fits where only one may.
    """
    found = {f"found.{name}": _found(name, one, answer, values) for name, one in wanted.items()}
    return {name: value for name, value in found.items() if value is not None}


def holds(wanted: Expect, values: Values) -> bool:
    """Say whether it is so."""
    try:
        value = _looked_at(wanted.value, values)
    except ValueError:
        return wanted.missing_counts
    text = value if isinstance(value, str) else ""
    if wanted.has:
        sought = in_text(wanted.has, values)
        return bool(sought) and (sought in value if isinstance(value, tuple) else sought in text)
    return not wanted.one_of or text.casefold() in {in_text(one, values).casefold() for one in wanted.one_of}


def _looked_at(template: str, values: Values) -> str | tuple[str, ...]:
    whole = values.get(template.removeprefix("{").removesuffix("}"))
    return whole if isinstance(whole, tuple) else in_text(template, values)


def _found(name: str, wanted: Find, answer: object, values: Values) -> Value | None:
    place = _at(answer, wanted.path)
    if wanted.where or wanted.has:
        fitting = [one for one in _listed(place) if _fits(one, wanted, values)]
        if wanted.one and len(fitting) > 1:
            raise ValueError(f"{len(fitting)} things fit where {name!r} is one; nothing is done to any of them")
        place = fitting[0] if fitting else None
    return _value(_at(place, wanted.take))


def _listed(found: object) -> list[object]:
    return cast("list[object]", found)[:_MOST_LIST] if isinstance(found, list) else []


def _fits(element: object, wanted: Find, values: Values) -> bool:
    same = all(_text(element, path).casefold() == in_text(template, values).casefold() for path, template in wanted.where.items())
    sought = [(path, in_text(template, values)) for path, template in wanted.has.items()]
    return same and all(text and text in _text(element, path) for path, text in sought)


def _text(element: object, path: str) -> str:
    return str(_value(_at(element, path)) or "")


def _at(found: object, path: str) -> object:
    for part in _parts(path):
        found = _inside(found, part)
    return found


def _parts(path: str) -> Iterator[str | int]:
    for name, index in _PART.findall(path):
        yield int(index[1:-1]) if index else str(name).strip('"')


def _inside(found: object, part: str | int) -> object:
    match found, part:
        case dict(), str():
            return cast("dict[str, object]", found).get(part)
        case list(), int():
            listed = cast("list[object]", found)
            return listed[part] if -len(listed) <= part < len(listed) else None
        case _:
            return None


def _value(found: Any) -> Value | None:
    match found:
        case bool():
            return "true" if found else "false"
        case int():
            return found
        case str():
            return found[:_MOST_TEXT]
        case list():
            listed = cast("list[object]", found)[:_MOST_LIST]
            return tuple(str(one)[:_MOST_TEXT] for one in listed if isinstance(one, str | int))
        case _:
            return None
