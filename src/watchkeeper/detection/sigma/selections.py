"""Selections: what the parts of a rule's condition are called by its author. Owns reading them again from the rule's file.

A loaded rule has no names of selections, for no engine needs them; a person who asks why it fired does.
"""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from watchkeeper.detection.sigma import parse
from watchkeeper.detection.sigma.condition import Condition
from watchkeeper.detection.sigma.documents import Document, documents, parsed
from watchkeeper.detection.sigma.files import MAX_FILE_BYTES, RuleFile, Unread
from watchkeeper.detection.sigma.rule import Rule


def selections(rule: Rule) -> dict[Condition, str]:
    """Give the name of each selection by what it asks.

    Raises:
        OSError: the rule's file cannot be read any more.
        ValueError: the file holds the rule no more.
    """
    read = parsed(_file(rule.path))
    if isinstance(read, Unread):
        raise ValueError(f"cannot read {rule.path!r} again: {read.reason}")  # noqa: TRY004 -- the file's content, not a type
    for document in documents(read):
        if _is(document, rule):
            return dict(_named(document))
    raise ValueError(f"{rule.path!r} no longer holds the rule {rule.id!r}")


def _file(path: str) -> RuleFile:
    if Path(path).is_file():
        return RuleFile(path, Path(path).read_bytes()[: MAX_FILE_BYTES + 1])
    archive, _, member = path.partition("!")
    while member and not Path(archive).is_file():
        begun, _, member = member.partition("!")
        archive = f"{archive}!{begun}"
    if not member:
        raise FileNotFoundError(f"the rule's file {path!r} is no longer there")
    try:
        with zipfile.ZipFile(archive) as opened, opened.open(member) as stream:
            return RuleFile(path, stream.read(MAX_FILE_BYTES + 1))
    except (KeyError, RuntimeError, NotImplementedError, zipfile.BadZipFile) as error:
        raise ValueError(f"cannot read {path!r} again: {error}") from error


def _is(document: Document, rule: Rule) -> bool:
    content = document.content
    return rule.id.partition("#")[0] in {str(content.get("id")), Path(rule.path).stem} and str(content.get("title")) == rule.title


def _named(document: Document) -> Mapping[Condition, str]:
    """Translate each selection as if it were the whole rule; one that cannot stand alone has no name."""
    parsed_detection: Any = document.content.get("detection")
    detection = cast("dict[object, object]", parsed_detection) if isinstance(parsed_detection, dict) else {}
    found: dict[Condition, str] = {}
    for name, asked in detection.items():
        if isinstance(name, str) and name not in {"condition", "timeframe"}:
            alone: dict[str, Any] = document.content | {"detection": {name: asked, "condition": name}}
            try:
                rule, _ = parse.to_rule(alone, document.file.path, name)
            except Exception:  # noqa: BLE001, S112 -- one selection: shown without its name, what it asks is shown all the same
                continue
            found.setdefault(rule.condition, name)
    return found
