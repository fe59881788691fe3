"""Alert mappings: how another product's alerts are told in YAML. Owns the grammar and its errors; rows stand in `alerts`.

The grammar is documented in `content/mappings/README.md`.
"""

import re
from pathlib import Path
from typing import Literal

import msgspec

from watchkeeper.ingest.checked_yaml import Shape, checked_yaml
from watchkeeper.model.entity import EntityKind
from watchkeeper.model.level import LEVELS


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way to get a text out of an alert; it gives nothing where the alert has no such field or the condition does not hold."""

    field: str = ""
    """Column or dotted path whose text is taken."""
    entity: EntityKind | None = None
    """Take the first entity of this kind instead of a field."""
    match: str = ""
    """Regular expression that must be found in it; with a group, the group is the text."""
    values: dict[str, str] | None = None
    """Text to text; what is not in it gives nothing."""
    text: str | None = None
    """Constant given instead, if the rest holds."""


class TimeField(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the time stands and how it is written."""

    field: str
    """Column or dotted path."""
    unit: Literal["s", "ms", "us", "ns", "iso"] = "iso"
    """Seconds, milli-, micro- or nanoseconds since 1970, or ISO 8601."""
    format: str = ""
    """A `strptime` format instead of a unit; UTC where it has no offset."""


class EntityField(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where entities stand."""

    field: str
    """Column or dotted path."""
    kind: EntityKind | None = None
    """Kind of the entity whose value the field is; none if the field is a list of entities as Microsoft writes them."""


Pick = str | Choice | list[str | Choice]
"""A field, a choice, or several of which the first that gives a text wins."""


class AlertMapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How to read one product's alerts."""

    name: str
    """Product of the log source."""
    format: list[Literal["csv", "jsonl"]]
    """Formats the product exports."""
    columns: list[str]
    """Columns or keys that must all be there: the file is recognised by them."""
    time: list[TimeField]
    """Where the time stands; the first that can be read wins."""
    rule: Pick
    """The product's own name of the rule."""
    title: Pick
    """The rule in words."""
    level: list[str | Choice]
    """Severity; the last choice is a constant."""
    detector: Pick
    """Who says so."""
    about: str = ""
    """What it maps and where the choices come from."""
    delimiter: list[str] = msgspec.field(default_factory=lambda: [","])
    """Characters that may separate columns; the first that makes the header fit wins."""
    without: list[str] = []
    """Columns or keys of which none may be there."""
    leave_out: list[str] = []
    """Columns or keys that are never read, neither into fields nor into the record's text."""
    host: Pick = []
    """Host the alert is about."""
    user: Pick = []
    """User who acted."""
    techniques: list[str] = []
    """Fields that name ATT&CK techniques, in whatever form."""
    tactics: list[str] = []
    """Fields that name ATT&CK tactics, in whatever form."""
    entities: list[EntityField] = []
    """Where the things that the alert talks about stand."""


def choices(pick: Pick) -> list[Choice]:
    """Give a pick as its choices in order."""
    return [Choice(field=item) if isinstance(item, str) else item for item in (pick if isinstance(pick, list) else [pick])]


def parse(text: str, source: str) -> AlertMapping:
    """Read a mapping from YAML; `source` is the file's name for messages.

    Raises:
        ValueError: the message names file, line, what is wrong and what to do.
    """
    return checked_yaml(text, f"alert mapping {source!r}", AlertMapping, _check, _SHAPE)


_SHAPE = Shape("an alert mapping", (AlertMapping, Choice, TimeField, EntityField), "the keys stand in content/mappings/README.md")


def _check(mapping: AlertMapping) -> None:
    """What the shapes alone do not say; each message ends with the path of the key, as msgspec writes it."""
    for key in ("format", "columns", "time", "level", "delimiter"):
        if not getattr(mapping, key):
            raise ValueError(f"needs at least one entry - at `$.{key}`")
    for index, delimiter in enumerate(mapping.delimiter):
        if len(delimiter) != 1 or delimiter in '"\r\n':
            raise ValueError(f"{delimiter!r} is not one character - at `$.delimiter[{index}]`")
    for key in ("rule", "title", "level", "detector", "host", "user"):
        _check_choices(key, choices(getattr(mapping, key)))
    _check_levels(choices(mapping.level))


def _check_choices(key: str, options: list[Choice]) -> None:
    for index, option in enumerate(options):
        if not option.field and option.entity is None and option.text is None:
            raise ValueError(f"needs one of 'field', 'entity' and 'text' - at `$.{key}[{index}]`")
        try:
            re.compile(option.match)
        except re.error as error:
            raise ValueError(f"{option.match!r} is not a regular expression: {error} - at `$.{key}[{index}].match`") from error


def _check_levels(options: list[Choice]) -> None:
    for index, option in enumerate(options):
        given = [option.text] if option.text is not None else list((option.values or {}).values())
        wrong = [level for level in given if level not in LEVELS]
        if wrong or not given:
            found = f"{wrong[0]!r} is not a level" if wrong else "needs 'text' or 'values'"
            raise ValueError(f"{found}; use {', '.join(LEVELS)} - at `$.level[{index}]`")
    if options[-1].field or options[-1].text is None:
        raise ValueError(f"the last choice must be a constant, such as {{text: low}} - at `$.level[{len(options) - 1}]`")


def read(path: Path) -> AlertMapping:
    """Read a mapping from a file.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is no mapping; the message names file, line and what to do.
    """
    try:
        return parse(path.read_text("utf-8"), str(path))
    except UnicodeDecodeError as error:
        raise ValueError(f"alert mapping {str(path)!r} is not UTF-8 text") from error
