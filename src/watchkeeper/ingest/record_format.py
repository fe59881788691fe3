"""Record formats: how one product writes its records in JSON, told in YAML. Owns the grammar; reading records stands in `json_records`.

The grammar is documented in `content/records/README.md`.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import cast

import msgspec
import yaml

from watchkeeper.content import folder
from watchkeeper.ingest.alert_mapping import TimeField
from watchkeeper.ingest.flatten import text_of

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
    return tuple(_read(path) for path in sorted(folder("records").glob("*.yml")))


def _read(path: Path) -> RecordFormat:
    try:
        found = msgspec.convert(yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader), RecordFormat)  # noqa: S506 -- makes text alone
        for mark in found.marks:
            for pattern in mark.values():
                re.compile(pattern)
    except (ValueError, yaml.YAMLError, re.error) as error:
        raise ValueError(f"record format {path.name!r}: {error}") from error
    return found


def _has(record: Mapping[str, object], path: str, pattern: str) -> bool:
    value = found_at(record, path)
    if value is None:
        return False
    if not pattern:
        return True
    return not isinstance(value, dict | list) and _matches(pattern, text_of(value)[:MAX_MARK_CHARS])


def _matches(pattern: str, text: str) -> bool:
    return re.search(pattern, text) is not None


def _text(value: object) -> str:
    return "" if value is None or isinstance(value, dict | list) else text_of(value)
