"""Lines of a rule file: where in it something stands. Owns walking the YAML as it was written; what is said of it is others'."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, cast

import yaml

from watchkeeper.detection.sigma.documents import Document

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def line_of(document: Document, *keys: str) -> int | None:
    """Give the 1-based line of the last key that is there, each being within the one before; none if the first is not."""
    node = _root(document)
    line: int | None = None
    for key in keys:
        found = next(((name, value) for name, value in _entries(node) if name.value == key), None)
        if found is None:
            return line
        line, node = found[0].start_mark.line + 1, found[1]
    return line


def line_of_value(document: Document, key: str, value: str) -> int | None:
    """Give the 1-based line of a text within a key's value; of the key if it is not there as it is asked for."""
    start = next((child for name, child in _entries(_root(document)) if name.value == key), None)
    found = next((node for node in _scalars(start) if node.value == value), None)
    return line_of(document, key) if found is None else found.start_mark.line + 1


def _root(document: Document) -> Any:
    nodes = _nodes(document.file.text)
    return nodes[document.number - 1] if document.number <= len(nodes) else None


@lru_cache(maxsize=4)
def _nodes(text: str) -> tuple[Any, ...]:
    return tuple(cast("Iterator[Any]", yaml.compose_all(text, Loader=_LOADER)))


def _entries(node: Any) -> list[tuple[Any, Any]]:
    return [(name, value) for name, value in node.value if isinstance(name, yaml.ScalarNode)] if isinstance(node, yaml.MappingNode) else []


def _scalars(start: Any) -> Iterator[Any]:
    """Yield every scalar once, however often it is repeated by an alias."""
    seen: set[int] = set()
    waiting = [start]
    while waiting:
        node = waiting.pop()
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            yield node
        elif isinstance(node, yaml.SequenceNode):
            waiting.extend(reversed(node.value))
        elif isinstance(node, yaml.MappingNode):
            waiting.extend(part for pair in reversed(node.value) for part in reversed(pair))
