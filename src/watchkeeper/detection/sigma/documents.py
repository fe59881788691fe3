"""YAML documents of rule files, and collections of them. Owns YAML; what a rule asks stands in `parse`, finding files in `files`."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal, TypeGuard

import yaml

from watchkeeper.detection.sigma.files import RuleFile, Unread


@dataclass(frozen=True, slots=True)
class YamlFile:
    """One YAML file with its documents."""

    path: str
    text: str
    documents: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """One rule, filter or correlation as YAML, with what a collection repeats merged in."""

    file: YamlFile
    number: int
    """1-based place among the file's documents."""
    content: dict[str, Any]

    @property
    def kind(self) -> Literal["rule", "filter", "correlation", ""]:
        """What it is; empty for YAML of another sort, which archives of rules hold too."""
        if "correlation" in self.content:
            return "correlation"
        if "filter" in self.content:
            return "filter"
        return "rule" if {"detection", "logsource"} & self.content.keys() else ""

    @property
    def name(self) -> str:
        """What it is called when it is spoken of."""
        return str(self.content.get("id") or self.content.get("title") or self.number)


def parsed(file: RuleFile) -> YamlFile | Unread:
    """Read the YAML of a file."""
    try:
        text = file.content.decode("utf-8-sig")
        return YamlFile(file.path, text, tuple(yaml.load_all(text, Loader=_LOADER)))
    except UnicodeDecodeError:
        return Unread(file.path, "it is not UTF-8 text")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        return Unread(file.path, f"it is not YAML: {error.problem}", None if mark is None else mark.line + 1)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return Unread(file.path, f"it is not YAML: {error}")


def documents(file: YamlFile) -> Iterator[Document]:
    """Yield a file's documents; those with `action` (global, reset, repeat) are merged into others as Sigma's collections have it."""
    shared: dict[str, Any] = {}
    last: dict[str, Any] = {}
    for number, parsed in enumerate(file.documents, 1):
        if parsed is None:
            continue  # an empty document, such as after a trailing `---`
        content = parsed if _is_mapping(parsed) else dict[str, Any]()
        match content.get("action"):
            case "global":
                shared = {key: value for key, value in content.items() if key != "action"}
            case "reset":
                shared = {}
            case "repeat":
                last = _merged(last, {key: value for key, value in content.items() if key != "action"})
                yield Document(file, number, last)
            case _:
                last = _merged(content, shared) if shared else content
                yield Document(file, number, last)


def _merged(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Give both mappings as one, mappings within merged too; where both say something, `over` wins."""
    both = deepcopy(under)
    for key, value in over.items():
        old = both.get(key)
        both[key] = _merged(old, value) if _is_mapping(old) and _is_mapping(value) else deepcopy(value)
    return both


def _is_mapping(node: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(node, dict)


_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
