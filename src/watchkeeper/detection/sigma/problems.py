"""Wording what is wrong with a rule: which rule, which file, which line, why. Owns the sentences for rule authors; loading stands in `load`."""

import difflib
import re
from collections.abc import Iterator
from typing import Any

import yaml
from sigma.exceptions import SigmaError
from sigma.modifiers import modifier_mapping
from sigma.rule import SigmaDetectionItem

from watchkeeper.detection.sigma.files import RuleFile, Unread


def unread(file: Unread) -> str:
    """Say why a file could not be read."""
    return f"cannot read rules from {_place(file.path, file.line)}: {file.reason}"


def sentence(file: RuleFile, rule: str, reason: str, line: int | None = None) -> str:
    """Say what is wrong with one rule of a file."""
    return f"rule {rule} ({_place(file.path, line)}): {reason}"


def explain(file: RuleFile, rule: str, document: Any, error: Exception) -> str:
    """Say what an error means and which line of the file caused it, as far as that can be told."""
    reason, line = _culprit(file, document) or (_plain(error), _line_of_error(file, error))
    return sentence(file, rule, reason, line)


def _place(path: str, line: int | None) -> str:
    return path if line is None else f"{path}, line {line}"


def _plain(error: Exception) -> str:
    return re.sub(r"\s+", " ", str(error.args[0] if error.args else error)).strip().rstrip(".")


def _culprit(file: RuleFile, document: Any) -> tuple[str, int | None] | None:
    """Try each detection item by itself to find the one that fails."""
    detection = document.get("detection") if isinstance(document, dict) else None
    for key, value in _items(detection):
        try:
            SigmaDetectionItem.from_mapping(key, value)
        except (SigmaError, TypeError, AttributeError) as error:
            return _modifier(key) or _plain(error), _line_of(file.text, key)
    return None


def _items(node: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        for key, value in node.items():
            if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(one, dict) for one in value)):
                yield from _items(value)
            elif isinstance(key, str) and key not in {"condition", "timeframe"}:
                yield key, value
    elif isinstance(node, list):
        for one in node:
            yield from _items(one)


def _modifier(key: str) -> str | None:
    unknown = next((name for name in key.split("|")[1:] if name not in modifier_mapping), None)
    if unknown is None:
        return None
    near = difflib.get_close_matches(unknown, modifier_mapping, n=1)
    return f"{unknown!r} is not a modifier" + (f"; did you mean {near[0]!r}?" if near else "")


def _line_of_error(file: RuleFile, error: Exception) -> int | None:
    """Guess the line from what kind of error it is: pySigma names its errors after the key they are about."""
    kind = type(error).__name__.removeprefix("Sigma").removesuffix("Error").lower()
    keys = [
        key
        for key in ("logsource", "condition", "detection", "level", "status", "date", "modified", "tags", "id", "title", "related")
        if key in kind
    ]
    if "condition" in str(error):
        keys.append("condition")
    return next((line for key in keys if (line := _line_of(file.text, key)) is not None), None)


def _line_of(text: str, key: str) -> int | None:
    """Find the first line, 1-based, whose YAML key this is."""
    try:
        events = list(yaml.parse(text))
    except yaml.YAMLError:
        return None
    return next((event.start_mark.line + 1 for event in events if isinstance(event, yaml.ScalarEvent) and event.value == key), None)
