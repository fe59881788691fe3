"""Inserting values into templates. Owns that a value stays data: quoted in a path, encoded in a body, or refused.

A template holds `{name}`; `{name?}` may be missing where something can be left out, `{name:odata}` and `{name:html}` quote for a language
that stands around it, and `{name:line}` makes one short line of a text. Nothing of a template is ever made from a value, and a value is
never read as a template.
"""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, cast
from urllib.parse import quote

from pydantic import AfterValidator

Value = str | int | tuple[str, ...]
Values = Mapping[str, Value]
_PLACEHOLDER = re.compile(r"\{(?P<name>[a-z_]+(?:\.[a-z0-9_]+)?)(?::(?P<how>odata|html|line))?(?P<optional>\?)?\}")
_PLAIN = re.compile(r"[A-Za-z0-9._:@-]*")
_MOST_LINE = 200
_HEADER = re.compile(r"[\x20-\x7e]*")


class MissingError(ValueError):
    """A value that a template needs is not there, or not as one value; nothing is sent."""


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One place of a template in which a value stands."""

    name: str
    how: str
    is_optional: bool


def placeholders(template: object) -> Iterator[Placeholder]:
    """Yield the placeholders of a template: of a text, or of every text in a body.

    Raises:
        ValueError: a brace in it begins or ends none.
    """
    match template:
        case str():
            for found in _PLACEHOLDER.finditer(template):
                yield _of(found)
            if rest := re.search(r"[{}]", _PLACEHOLDER.sub("", template)):
                raise ValueError(f"{template[:80]!r} has a {rest.group()!r} that belongs to no placeholder; write {{name}}")
        case dict():
            for name, one in cast("dict[object, object]", template).items():
                if not isinstance(name, str) or re.search(r"[{}]", name):
                    raise ValueError(f"the name {str(name)[:80]!r} in a body is no fixed text")
                yield from placeholders(one)
        case list() | tuple():
            for one in cast("list[object]", template):
                yield from placeholders(one)
        case _:
            return


def _checked(text: str) -> str:
    list(placeholders(text))
    return text


Template = Annotated[str, AfterValidator(_checked)]
"""A text in which `{name}` stands for a value."""


def in_path(template: str, values: Values) -> str:
    """Give a path: each value percent-encoded and within its segment, which is neither empty nor dots alone.

    What servers and what stands before them have been seen to decode once too often is refused, encoded or not: it could lead elsewhere.

    Raises:
        ValueError: a value is missing, or cannot stand in a path.
    """
    return "/".join(_segment(one, values) for one in template.split("/"))


def in_query(template: str, values: Values) -> str:
    """Give the value of a query's parameter, not encoded yet; beside other text a value is plain or quoted, for that may be a language.

    Raises:
        ValueError: a value is missing, or could be read as something else than a value there.
    """
    if _PLACEHOLDER.fullmatch(template):
        return _PLACEHOLDER.sub(lambda found: _line(_of(found), values), template)
    return _PLACEHOLDER.sub(lambda found: _beside(_of(found), values), template)


def in_header(template: str, values: Values) -> str:
    """Give the value of a header.

    Raises:
        ValueError: a value is missing, or has characters that end a header or that none may have.
    """
    made = _PLACEHOLDER.sub(lambda found: _line(_of(found), values), template)
    if not _HEADER.fullmatch(made):
        raise ValueError(f"the value for the header {template[:80]!r} has characters that no header may have")
    return made


def in_text(template: str, values: Values) -> str:
    """Give a text that is compared or remembered, and sent nowhere.

    Raises:
        MissingError: a value is missing.
    """
    return _PLACEHOLDER.sub(lambda found: _quoted(_of(found), values), template)


def in_body(template: Any, values: Values) -> Any:
    """Give a body to be encoded as JSON: a text that is one placeholder becomes its value, with its type; what lacks it is left out.

    Raises:
        ValueError: a value is missing.
    """
    match template:
        case str():
            alone = _PLACEHOLDER.fullmatch(template)
            return _alone(_of(alone), values) if alone else in_text(template, values)
        case dict():
            told = cast("dict[str, Any]", template)
            return {name: in_body(one, values) for name, one in told.items() if not lacks(one, values)}
        case list() | tuple():
            return [in_body(one, values) for one in cast("list[Any]", template) if not lacks(one, values)]
        case _:
            return template


def lacks(template: object, values: Values) -> bool:
    """Say whether a text has an optional value that is not there, so that what holds it is left out."""
    return isinstance(template, str) and any(one.is_optional and one.name not in values for one in placeholders(template))


def _of(found: re.Match[str]) -> Placeholder:
    return Placeholder(found["name"], found["how"] or "", bool(found["optional"]))


def _alone(one: Placeholder, values: Values) -> object:
    value = _value(one, values)
    return list(value) if isinstance(value, tuple) else value if isinstance(value, int) else _quoted(one, values)


def _segment(template: str, values: Values) -> str:
    def encoded(found: re.Match[str]) -> str:
        text = _line(_of(found), values)
        if steering := re.search(r"[/\\%;]", text):
            raise ValueError(f"{text[:80]!r} cannot stand in a path: it has a {steering.group()!r}; put it into the query or the body")
        return quote(text, safe="")

    made = _PLACEHOLDER.sub(encoded, template)
    if made != template and made.strip(".") == "":
        raise ValueError(f"what stands for {template!r} in a path is empty or dots alone")
    return made


def _beside(one: Placeholder, values: Values) -> str:
    text = _line(one, values)
    if not one.how and not _PLAIN.fullmatch(text):
        raise ValueError(f"{text[:80]!r} cannot stand beside other text as {{{one.name}}}: only letters, digits and . _ : @ - can")
    return text


def _line(one: Placeholder, values: Values) -> str:
    text = _quoted(one, values)
    if not text.isprintable() and text:
        raise ValueError(f"the value of {{{one.name}}} has control characters")
    return text


def _quoted(one: Placeholder, values: Values) -> str:
    value = _value(one, values)
    if isinstance(value, tuple):
        raise MissingError(f"{{{one.name}}} is a list, which can stand alone in a body and nowhere else")
    text = str(value)
    match one.how:
        case "odata":
            return text.replace("'", "''")
        case "html":
            return html.escape(text)
        case "line":
            return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:_MOST_LINE]
        case _:
            return text


def _value(one: Placeholder, values: Values) -> Value:
    if one.name not in values:
        raise MissingError(f"{_told(one.name)} is needed and not there")
    return values[one.name]


def _told(name: str) -> str:
    family, _, rest = name.partition(".")
    return f"the {family} {rest!r}" if rest else f"{name!r}"
