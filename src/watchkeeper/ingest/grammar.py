"""Grammars of text logs: how one product's log is told in YAML. Owns keys and their errors; running one stands in `grammar_steps`.

The keys are documented in `content/sources/README.md`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from watchkeeper.ingest.checked_yaml import Shape, checked_yaml
from watchkeeper.ingest.linear import Pattern
from watchkeeper.ingest.log_times import reads


class Way(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way to recognise a line; what is given must all hold."""

    programs: list[str] = []
    """The syslog header names one of these programs, compared without case and folder; `postfix` is also `postfix/smtpd`."""
    message: str = ""
    """Pattern that is found in the message."""


class Alternative(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One pattern; its named groups become fields."""

    match: str
    """Pattern that is found in the text; a group whose name begins with `_` is for later steps only."""
    event_type: str = ""
    """Type of event that such a line is."""
    fields: dict[str, str] = {}
    """Fields that such a line has besides, with their values."""


class Pairs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Key=value pairs."""

    separator: str = " "
    """One character between pairs; a blank stands for any white space."""
    equals: str = "="
    """One character between key and value; white space around it is no part of either, unless the separator is a blank."""
    unquoted: Literal["word", "until_key"] = "word"
    """A value without quotes ends at the separator, or only where the next key begins."""
    repeated: Literal["list", "first"] = "list"
    """What becomes of a key that stands several times."""


class Columns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Values in a fixed order."""

    names: list[str] = []
    """Names in order; a column called `_` is left out, one beyond the names is called `column_` and its number from 1."""
    separator: str = ","
    """One character."""
    type_column: int = 0
    """Column, from 1, whose value chooses among `types` and becomes the event type."""
    types: dict[str, list[str]] = {}
    """Names in order, by the value of that column; `names` for any other value."""


class Whole(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A format that needs no more telling."""


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing to do with a text: exactly one of the others besides `of`."""

    of: str = "message"
    """Field whose text it is about; where there is none, nothing is done."""
    patterns: list[Alternative] = []
    """Patterns, of which the first that matches gives the fields."""
    pairs: Pairs | None = None
    columns: Columns | None = None
    cef: Whole | None = None
    """ArcSight Common Event Format, wherever in the text it begins."""
    leef: Whole | None = None
    """QRadar Log Event Extended Format 1 and 2, wherever in the text it begins."""
    json: Whole | None = None
    """The JSON object that begins at the first brace; nested names are joined with dots."""
    labels: Whole | None = None
    """A domain name as Windows' DNS server writes it, `(3)www(7)example(3)com(0)`: the field `query` gets it with dots."""
    copy: dict[str, list[str]] = {}
    """Names that fields get besides, and the fields, of which the first that is there is meant; of several values the first."""
    like: str = ""
    """Name of another grammar whose steps are done with the text; fields that are there already stay."""


class When(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the time stands and how it is written."""

    text: str
    """Names of fields in braces and what stands between them, such as `{date} {time}`."""
    format: str = "iso"
    """`iso`, `epoch` (whatever its unit), or a `strptime` format; UTC where it has no offset."""


class Grammar(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How to read one product's log."""

    name: str
    """The file is called like it."""
    product: str
    """Product of the log source."""
    service: str = ""
    """Service of the log source."""
    about: str
    """What is read, in a sentence."""
    documentation: str
    """What it was written from: the vendor's own description, by title."""
    recognise: list[Way]
    """How a line is recognised; one way is enough."""
    general: Literal["", "product", "anything"] = ""
    """Whom it yields to: nobody; one that tells a `product`, to all that are not general; one that takes `anything`, to everybody else."""
    annotates: bool = False
    """Whether a line with a syslog header that names a program stays an event of linux/syslog, with the fields added."""
    steps: list[Step] = []
    """What is done with the message, in order; a later step may use a field of an earlier one."""
    names: dict[str, str] = {}
    """Name of the field by name of the group, where a group cannot be called so, such as `{c_ip: c-ip}`."""
    fields: dict[str, str] = {}
    """Fields that every line has, with their values, unless a step gives them."""
    empty: list[str] = []
    """Values that stand for none, such as `-`; such fields are left out."""
    time: list[When] = []
    """Where the time stands; the first that can be read wins, else the syslog header's."""
    host: list[str] = []
    """Fields that name the host the event is about; the first that is there wins, else the syslog header's."""


_SHAPE = Shape("a source grammar", (Grammar, Way, Alternative, Pairs, Columns, Step, When), "the keys stand in content/sources/README.md")
_KINDS = ("patterns", "pairs", "columns", "cef", "leef", "json", "labels", "copy", "like")


def parse(text: str, source: str) -> Grammar:
    """Read a grammar from YAML; `source` is the file's name for messages.

    Raises:
        ValueError: the message names file, line, what is wrong and what to do.
    """
    return checked_yaml(text, f"source grammar {source!r}", Grammar, _check, _SHAPE)


def read(path: Path) -> Grammar:
    """Read a grammar from a file, which is called like the grammar.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is no grammar; the message names file, line and what to do.
    """
    grammar = parse(path.read_text("utf-8"), path.name)
    if grammar.name != path.stem:
        raise ValueError(f"source grammar {path.name!r}: its name is {grammar.name!r}; a grammar and its file are called the same")
    return grammar


def kind(step: Step) -> str:
    """Say which of its keys a step is about; empty if it is none or several."""
    given = [name for name in _KINDS if getattr(step, name) not in (None, [], {}, "")]
    return given[0] if len(given) == 1 else ""


def _check(grammar: Grammar) -> None:
    """What the shapes alone do not say; each message ends with the path of the key, as msgspec writes it."""
    for path, problem in _problems(grammar):
        raise ValueError(f"{problem} - at `$.{path}`")


def _problems(grammar: Grammar) -> Iterator[tuple[str, str]]:
    for key in ("name", "product", "about", "documentation", "recognise"):
        if not getattr(grammar, key):
            yield key, f"{key!r} is empty"
    for at, way in enumerate(grammar.recognise):
        if not way.programs and not way.message:
            yield f"recognise[{at}]", "needs 'programs' or 'message'"
        yield from _pattern(f"recognise[{at}].message", way.message)
    for at, step in enumerate(grammar.steps):
        yield from _of_step(f"steps[{at}]", step)
    for at, when in enumerate(grammar.time):
        try:
            reads(when.format)
        except ValueError as error:
            yield f"time[{at}].format", str(error)


def _of_step(path: str, step: Step) -> Iterator[tuple[str, str]]:
    if not kind(step):
        yield path, f"needs exactly one of {', '.join(_KINDS)}"
    for at, alternative in enumerate(step.patterns):
        yield from _pattern(f"{path}.patterns[{at}].match", alternative.match)
    for name, one in (("pairs", step.pairs), ("columns", step.columns)):
        if one is not None and len(one.separator) != 1:
            yield f"{path}.{name}.separator", f"{one.separator!r} is not one character"
    if "message" in step.copy:
        yield f"{path}.copy", "a field is called 'message', which always holds all that stands behind the header"
    if step.pairs is not None and (len(step.pairs.equals) != 1 or step.pairs.equals == step.pairs.separator):
        yield f"{path}.pairs.equals", f"{step.pairs.equals!r} is not one character other than the separator"
    if step.columns is not None and bool(step.columns.types) != (step.columns.type_column > 0):
        yield f"{path}.columns", "'types' and 'type_column' go together"


def _pattern(path: str, pattern: str) -> Iterator[tuple[str, str]]:
    try:
        if "message" in Pattern(pattern).names:
            yield path, "a group is called 'message', which always holds all that stands behind the header"
    except ValueError as error:
        yield path, str(error)
