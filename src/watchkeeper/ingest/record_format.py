"""Record formats: how one product writes its records in JSON, told in YAML. Owns the grammar; reading records stands in `json_records`.

The keys are documented in `content/records/README.md`.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import cast

import msgspec

from watchkeeper.content import folder
from watchkeeper.ingest.alert_mapping import TimeField
from watchkeeper.ingest.checked_yaml import Shape, checked_yaml
from watchkeeper.ingest.flatten import text_of
from watchkeeper.ingest.linear import Pattern

MAX_MARK_CHARS = 512
"""A value longer than this is no mark."""
_PLACE = re.compile(r"\{([^{}]+)\}")


class RecordFormat(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How to know and read one product's records."""

    name: str
    """What the format is called; the file is called like it."""
    about: str
    """What it is, and where its publisher documents it."""
    product: str
    """Product of the log source."""
    service: str
    """Service of the log source; `{path}` stands for what the record has there."""
    marks: list[dict[str, str]]
    """Sets of members of which one must be there whole: path to a pattern that its text must match, empty for any value."""
    time: list[TimeField]
    """Where the time stands; the first that can be read wins."""
    host: list[str] = []
    """Paths that may name the host the record is about."""
    items: str = ""
    """A list whose entries are events of their own; what else the record has belongs to each."""
    pairs: list[str] = []
    """Lists of names and values; each value is also a field under its name."""

    def fits(self, record: Mapping[str, object]) -> bool:
        """Say whether a record is of this format."""
        return any(all(_has(record, path, pattern) for path, pattern in one.items()) for one in self.marks)

    def service_of(self, record: Mapping[str, object]) -> str:
        """Give the service of a record."""
        if "{" not in self.service:
            return self.service
        return _PLACE.sub(lambda place: _text(found_at(record, place[1])), self.service).strip(".")


def found_at(record: Mapping[str, object], path: str) -> object:
    """Give the value at a dotted path, nested or under the dotted name itself; none if there is none."""
    if path in record:
        return record[path]
    value: object = record
    for part in path.split("."):
        value = _member(value, part)
    return value


def _member(value: object, name: str) -> object:
    return cast("dict[str, object]", value).get(name) if isinstance(value, dict) else None


@cache
def formats() -> tuple[RecordFormat, ...]:
    """Give every format that is shipped, by name.

    Raises:
        ValueError: a file is no format; the message names it.
    """
    return tuple(parse(path.read_text("utf-8"), path.name) for path in sorted(folder("records").glob("*.yml")))


_SHAPE = Shape("a record format", (RecordFormat, TimeField), "the keys stand in content/records/README.md")


def parse(text: str, source: str) -> RecordFormat:
    """Read a format from YAML; `source` is the file's name for messages.

    Raises:
        ValueError: the message names file, line, what is wrong and what to do.
    """
    return checked_yaml(text, f"record format {source!r}", RecordFormat, _check, _SHAPE)


def _check(known: RecordFormat) -> None:
    """What the shapes alone do not say; each message ends with the path of the key, as msgspec writes it."""
    for path, problem in _problems(known):
        raise ValueError(f"{problem} - at `$.{path}`")


def _problems(known: RecordFormat) -> Iterator[tuple[str, str]]:
    for key in ("name", "about", "product", "marks"):
        if not getattr(known, key):
            yield key, f"{key!r} is empty"
    for at, mark in enumerate(known.marks):
        if not mark:
            yield f"marks[{at}]", "a mark without members would be in every record"
        for pattern in mark.values():
            try:
                Pattern(pattern)
            except ValueError as error:
                yield f"marks[{at}]", str(error)


def _has(record: Mapping[str, object], path: str, pattern: str) -> bool:
    value = found_at(record, path)
    if value is None:
        return False
    if not pattern:
        return True
    return not isinstance(value, dict | list) and _matches(pattern, text_of(value)[:MAX_MARK_CHARS])


@lru_cache(maxsize=16_384)
def _matches(pattern: str, text: str) -> bool:
    return _compiled(pattern).groups(text) is not None


_compiled = lru_cache(maxsize=4_096)(Pattern)


def _text(value: object) -> str:
    return "" if value is None or isinstance(value, dict | list) else text_of(value)
