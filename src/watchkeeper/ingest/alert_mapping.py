"""Alert mappings: how another product's alerts are told in YAML. Owns the grammar and its errors; rows stand in `alerts`.

The grammar is documented in `content/mappings/README.md`.
"""

import re
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

import msgspec
import yaml

from watchkeeper.model.entity import EntityKind
from watchkeeper.model.level import LEVELS

_UNKNOWN = re.compile(r"unknown field `(.*)`")


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
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ValueError(f"alert mapping {source!r}, line {line}: not YAML: {error.problem or error}") from error
    except yaml.YAMLError as error:
        raise ValueError(f"alert mapping {source!r}: not YAML: {error}") from error
    try:
        mapping = msgspec.convert(_plain(node, 0), AlertMapping)
        _check(mapping)
    except ValueError as error:
        problem, _, path = str(error).partition(" - at `")
        line, advice = _advice(node, problem, path.rstrip("`"))
        raise ValueError(f"alert mapping {source!r}, line {line}: {advice}") from error
    return mapping


def _plain(node: yaml.Node | None, depth: int) -> object:
    """Scalars stay text: a mapping has no numbers, and `No` is a word."""
    if depth > 8:
        raise ValueError("nested deeper than a mapping can be")
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): _plain(value, depth + 1) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, depth + 1) for item in node.value]
    return str(node.value) if isinstance(node, yaml.ScalarNode) else None


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


def _advice(node: yaml.Node | None, problem: str, path: str) -> tuple[int, str]:
    """The line of the problem, and what to do."""
    unknown = _UNKNOWN.search(problem)
    if unknown is None:
        return _line(node, path), problem
    known = {name for shape in (AlertMapping, Choice, TimeField, EntityField) for name in shape.__struct_fields__}
    close = get_close_matches(unknown[1], known, 1)
    hint = f"did you mean {close[0]!r}?" if close else "the keys stand in content/mappings/README.md"
    return _line(node, f"{path}.{unknown[1]}"), f"{unknown[1]!r} is not a key of an alert mapping; {hint}"


def _line(node: yaml.Node | None, path: str) -> int:
    """Line of the deepest key on the path that is there."""
    line = 1
    for part in re.findall(r"\.(\w+)|\[(\d+)\]", path):
        found = _child(node, *part)
        if found is None:
            break
        node, line = found
    return line


def _child(node: yaml.Node | None, key: str, index: str) -> tuple[yaml.Node, int] | None:
    if isinstance(node, yaml.MappingNode):
        return next(((value, name.start_mark.line + 1) for name, value in node.value if name.value == key), None)
    if isinstance(node, yaml.SequenceNode) and index and int(index) < len(node.value):
        return node.value[int(index)], node.value[int(index)].start_mark.line + 1
    return None


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
