"""YAML that a person wrote, checked: a mistake is told by file, line and key. Owns finding the place; what is right is its callers'."""

import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any, NamedTuple, TypeVar

import msgspec
import yaml

_MOST_DEPTH = 12
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_UNKNOWN = re.compile(r"unknown field `(.*)`")
Checked = TypeVar("Checked", bound=msgspec.Struct)


class Shape(NamedTuple):
    """What a file is, for the messages about it."""

    what: str
    """With its article, such as `an alert mapping`."""
    structs: tuple[type[msgspec.Struct], ...]
    """Every struct whose keys may stand in it."""
    keys_stand: str
    """Where the keys are explained, as the end of a sentence."""


def checked_yaml(text: str, source: str, kind: type[Checked], check: Callable[[Checked], None], shape: Shape) -> Checked:
    """Read a struct from YAML, every scalar being text.

    `check` raises a `ValueError` whose message ends with ` - at ` and the path of the key in backquotes, as msgspec writes it.

    Raises:
        ValueError: the message names `source`, line, what is wrong and what to do.
    """
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ValueError(f"{source}, line {line}: not YAML: {error.problem or error}") from error
    except yaml.YAMLError as error:
        raise ValueError(f"{source}: not YAML: {error}") from error
    try:
        found = msgspec.convert(_plain(node, 0), kind, strict=False)
        check(found)
    except ValueError as error:
        problem, _, path = str(error).partition(" - at `")
        line, advice = _advice(node, problem, path.rstrip("`"), shape)
        raise ValueError(f"{source}, line {line}: {advice}") from error
    return found


def keys_in(text: str) -> frozenset[str]:
    """Give the outermost keys; none if it is no YAML with keys, which `checked_yaml` then says."""
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError:
        return frozenset()
    return frozenset(str(key.value) for key, _ in node.value) if isinstance(node, yaml.MappingNode) else frozenset()


def _plain(node: yaml.Node | None, depth: int) -> object:
    """Scalars stay text: `No` is a word."""
    if depth > _MOST_DEPTH:
        raise ValueError("nested deeper than this file can be")
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): _plain(value, depth + 1) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, depth + 1) for item in node.value]
    return str(node.value) if isinstance(node, yaml.ScalarNode) else None


def _advice(node: yaml.Node | None, problem: str, path: str, shape: Shape) -> tuple[int, str]:
    """The line of the problem, and what to do."""
    unknown = _UNKNOWN.search(problem)
    if unknown is None:
        return _line(node, path), problem
    known = {name for struct in shape.structs for name in struct.__struct_fields__}
    close = get_close_matches(unknown[1], known, 1)
    hint = f"did you mean {close[0]!r}?" if close else shape.keys_stand
    return _line(node, f"{path}.{unknown[1]}"), f"{unknown[1]!r} is not a key of {shape.what}; {hint}"


def _line(node: yaml.Node | None, path: str) -> int:
    """Line of the deepest key on the path that is there."""
    line = 1
    for part in re.findall(r"\.(\w+)|\[(\d+)\]", path):
        found = _child(node, *part)
        if found is None:
            break
        node, line = found
    return line


def _child(node: Any, key: str, index: str) -> tuple[yaml.Node, int] | None:
    if isinstance(node, yaml.MappingNode):
        return next(((value, name.start_mark.line + 1) for name, value in node.value if name.value == key), None)
    if isinstance(node, yaml.SequenceNode) and index and int(index) < len(node.value):
        return node.value[int(index)], node.value[int(index)].start_mark.line + 1
    return None
