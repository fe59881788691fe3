"""YAML documents of rule files, and collections of them. Owns YAML; what a rule asks stands in `parse`, finding files in `files`."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal, TypeGuard, cast

import yaml

from watchkeeper.detection.sigma.files import RuleFile, Unread

MAX_VALUES = 200_000
"""A document with more values is not read; aliases count as what they stand for, so that a few lines cannot become billions."""


@dataclass(frozen=True, slots=True)
class Repeated:
    """A key that one mapping has twice; YAML forbids it, and the last one counts."""

    document: int
    """1-based place of the document in its file."""
    key: str
    line: int
    """1-based line in the file where it stands again."""


@dataclass(frozen=True, slots=True)
class YamlFile:
    """One YAML file with its documents."""

    path: str
    text: str
    documents: tuple[Any, ...]
    repeated: tuple[Repeated, ...] = ()


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
    def is_hunt(self) -> bool:
        """Whether it is a hunt, of which the rules beside it are the questions."""
        return not self.kind and "hunt" in self.content

    @property
    def name(self) -> str:
        """What it is called when it is spoken of."""
        return str(self.content.get("id") or self.content.get("title") or self.number)


def parsed(file: RuleFile) -> YamlFile | Unread:
    """Read the YAML of a file."""
    try:
        text = file.content.decode("utf-8-sig")
        return _read(file.path, text)
    except UnicodeDecodeError:
        return Unread(file.path, "it is not UTF-8 text")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        return Unread(file.path, f"it is not YAML: {error.problem}", None if mark is None else mark.line + 1)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return Unread(file.path, f"it is not YAML: {error}")


def _read(path: str, text: str) -> YamlFile:
    loader = _Loader(text)
    found: list[Any] = []
    repeated: list[Repeated] = []
    try:
        while loader.check_data():
            found.append(loader.get_data())
            repeated.extend(Repeated(len(found), key, line) for key, line in loader.repeated)
            loader.repeated.clear()
    finally:
        loader.dispose()
    return YamlFile(path, text, tuple(found), tuple(repeated))


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


_FASTEST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_FASTEST):
    """Notes which keys stand twice in a mapping."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.repeated: list[tuple[str, int]] = []
        self._anchored = "&" in text

    def construct_document(self, node: Any) -> object:
        if self._anchored and _size(node, {}) > MAX_VALUES:
            raise ValueError(f"it has more than {MAX_VALUES:,} values, aliases written out, which no rule has")
        return cast("object", super().construct_document(node))

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML's own signature
        keys = [key for key, _ in node.value if isinstance(key, yaml.ScalarNode) and not key.tag.endswith(":merge")]
        seen: set[str] = set()
        for key in keys:
            if key.value in seen:
                self.repeated.append((key.value, key.start_mark.line + 1))
            seen.add(key.value)
        return cast("dict[Any, Any]", super().construct_mapping(node, deep))


def _size(node: Any, known: dict[int, int]) -> int:
    """Count the values of a node with what its aliases stand for; what holds itself has no end."""
    if id(node) not in known:
        known[id(node)] = MAX_VALUES + 1
        children = cast("list[Any]", node.value if isinstance(node, yaml.CollectionNode) else [])
        parts = (part for child in children for part in (cast("tuple[Any, ...]", child) if isinstance(child, tuple) else (child,)))
        known[id(node)] = min(MAX_VALUES + 1, 1 + sum(_size(part, known) for part in parts))
    return known[id(node)]
