"""What an attribute of the schema holds: its type, whether several, its numbered captions, its kinds. Owns reading `types.yml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, cast

import pyarrow as pa

from watchkeeper.content import document


@dataclass(frozen=True, slots=True)
class Attribute:
    """One path of the view."""

    plain: pa.DataType
    """What one value of it is: text, int64, float64 or bool."""
    several: bool
    """Whether its column holds lists."""
    captions: Mapping[str, int]
    """Number of each caption; empty where it is no enumeration."""
    kind: str
    """Kind of entity it names; empty for none."""
    compared: str
    """Kind of text whose values are compared with intelligence; what names an entity is compared as that. Empty for none."""


@lru_cache(maxsize=8_192)
def attribute(path: str) -> Attribute:
    """Give what the view says of a path such as `src_endpoint.port`; a path nobody describes is text."""
    spec, ends = _spec(), _ends(path)
    parts = path.split(".")
    plain = _plain(path, spec, ends)
    several = any(end in spec.lists for end in ends) or any(part in spec.lists for part in parts[:-1])
    captions = next((spec.enums[end] for end in ends if end in spec.enums), dict[str, int]())
    kind = next((spec.kinds[end] for end in ends if end in spec.kinds), None) or ""
    compared = kind or next((spec.compared[end] for end in ends if end in spec.compared), "")
    return Attribute(plain, several, captions, kind, compared)


def is_list_of_objects(part: str) -> bool:
    """Say whether there are several of what stands under this name."""
    return part in _spec().lists


@dataclass(frozen=True)
class _Spec:
    plain: Mapping[str, pa.DataType]
    lists: frozenset[str]
    enums: Mapping[str, Mapping[str, int]]
    kinds: Mapping[str, str | None]
    compared: Mapping[str, str]


@cache
def _spec() -> _Spec:
    written = cast("dict[str, Any]", document("schema/types.yml"))
    plain: dict[str, pa.DataType] = {}
    for group, kind in (("integers", pa.int64()), ("floats", pa.float64()), ("booleans", pa.bool_())):
        plain.update(dict.fromkeys(cast("list[str]", written[group]), kind))
    enums = {name: _numbers(captions) for name, captions in written["enums"].items()}
    return _Spec(plain, frozenset(written["lists"]), enums, written["kinds"], written["compared"])


def _numbers(captions: Mapping[int, str | list[str]]) -> dict[str, int]:
    return {one: number for number, caption in captions.items() for one in (caption if isinstance(caption, list) else [caption])}


def _ends(path: str) -> tuple[str, ...]:
    """Give a path and every shorter end of it, longest first."""
    parts = path.split(".")
    return tuple(".".join(parts[at:]) for at in range(len(parts)))


def _plain(path: str, spec: _Spec, ends: tuple[str, ...]) -> pa.DataType:
    if path.endswith("_id"):  # the number of a caption; a few others end so too, and are numbers as well
        return pa.int64()
    return next((spec.plain[end] for end in ends if end in spec.plain), pa.string())
