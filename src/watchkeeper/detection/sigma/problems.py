"""Wording what is wrong with a rule: which rule, which file, which line, why. Owns the sentences for rule authors, not the loading."""

import difflib
import re
from collections.abc import Iterator
from typing import Any, cast

import yaml

from watchkeeper.detection.sigma import parse
from watchkeeper.detection.sigma.documents import Document
from watchkeeper.detection.sigma.files import Unread
from watchkeeper.detection.sigma.placeholders import NO_VALUES, Placeholders

_KEYS = {
    "Logsource": "logsource",
    "Level": "level",
    "Status": "status",
    "Date": "date",
    "Modified": "modified",
    "Tag": "tags",
    "Identifier": "id",
    "Title": "title",
    "Name": "name",
    "Related": "related",
    "Description": "description",
    "References": "references",
    "Author": "author",
    "License": "license",
    "Fields": "fields",
    "Falsepositives": "falsepositives",
    "Scope": "scope",
    "Taxonomy": "taxonomy",
    "Condition": "condition",
    "Detection": "detection",
}
"""What pySigma's errors are named after, to the key they speak of."""


def unread(file: Unread) -> str:
    """Say why a file could not be read."""
    return f"cannot read rules from {_place(file.path, file.line)}: {file.reason}"


def sentence(document: Document, reason: str, key: str = "id") -> str:
    """Say something about one document, with the line of a key in it; of its detection if the key is not there."""
    return f"{place(document, key)}: {reason}"


def place(document: Document, key: str) -> str:
    """Name one document and the line of a key in it; of its detection if the key is not there."""
    return f"rule {document.name} ({_place(document.file.path, _line(document, key) or _line(document, 'detection'))})"


def repeated(document: Document) -> Iterator[str]:
    """Say which keys one mapping of a document has twice."""
    for one in document.file.repeated:
        if one.document == document.number:
            place = _place(document.file.path, one.line)
            yield f"rule {document.name} ({place}): {one.key!r} stands twice in one mapping; the last one counts, so keep only one"


def blemish(document: Document, error: Exception) -> str:
    """Say what is wrong beside the detection; the rule runs nevertheless."""
    return sentence(document, f"{plain(error)}; it runs all the same", _key_of(error))


def explain(document: Document, error: Exception, placeholders: Placeholders = NO_VALUES) -> str:
    """Say what an error means and which line of the file caused it, as far as that can be told."""
    reason, key = _culprit(document.content.get("detection"), placeholders) or (plain(error), _key_of(error))
    return sentence(document, reason, key)


def _place(path: str, line: int | None) -> str:
    return path if line is None else f"{path}, line {line}"


def plain(error: Exception) -> str:
    """Give the first thing an error says, on one line and without its full stop."""
    text = re.sub(r"\s+", " ", str(error.args[0] if error.args else "")).strip().rstrip(".")
    return text or type(error).__name__


def _key_of(error: Exception) -> str:
    kind = type(error).__name__.removeprefix("Sigma").removesuffix("Error")
    return _KEYS.get(kind, "condition" if "condition" in plain(error) else "detection")


def _culprit(detection: object, placeholders: Placeholders) -> tuple[str, str] | None:
    """Try each detection item by itself to find the one that fails."""
    for key, value in _items(detection):
        try:
            parse.to_condition(key, value, placeholders)
        except Exception as error:  # noqa: BLE001 - one detection item: its failure is the answer
            return _modifier(key) or plain(error), key
    return None


def _items(node: object) -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        for key, value in cast("dict[object, Any]", node).items():
            if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(one, dict) for one in cast("list[Any]", value))):
                yield from _items(cast("object", value))
            elif isinstance(key, str) and key not in {"condition", "timeframe"}:
                yield key, value
    elif isinstance(node, list):
        for one in cast("list[Any]", node):
            yield from _items(one)


def _modifier(key: str) -> str | None:
    unknown = next((name for name in key.split("|")[1:] if name not in parse.MODIFIERS), None)
    if unknown is None:
        return None
    near = difflib.get_close_matches(unknown, parse.MODIFIERS, n=1)
    return f"{unknown!r} is not a modifier" + (f"; did you mean {near[0]!r}?" if near else "")


def _line(document: Document, key: str) -> int | None:
    """Find the line, 1-based, of a key: the first within the document, else the first in the file."""
    lines: list[tuple[int, int]] = []
    number = 0
    for event in yaml.parse(document.file.text, Loader=yaml.SafeLoader):
        number += isinstance(event, yaml.DocumentStartEvent)
        if isinstance(event, yaml.ScalarEvent) and event.value == key and event.start_mark is not None:
            lines.append((number, event.start_mark.line + 1))
    return next((line for place, line in lines if place == document.number), lines[0][1] if lines else None)
