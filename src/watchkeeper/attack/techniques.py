"""ATT&CK's techniques: what an id is called, which tactics it serves, and what replaced it. Owns no tactic's order.

The built-in table serves alone until a catalogue is spoken too: then both are joined, and the newer version of ATT&CK wins an id.
"""

import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import TypedDict, cast

from watchkeeper.attack.catalogue import Catalogue
from watchkeeper.attack.stix import flattened
from watchkeeper.attack.tactics import tactic
from watchkeeper.content import document


@dataclass(frozen=True, slots=True)
class Technique:
    """One live technique or sub-technique."""

    id: str
    """Its id today, such as `T1003.001`."""
    name: str
    """Its English name; a sub-technique's without that of its parent."""
    tactics: tuple[str, ...]
    """Short names of the tactics it serves."""


class _Techniques(TypedDict):
    version: str
    techniques: dict[str, tuple[str, list[str]]]
    replaced: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Table:
    version: str
    """The newest version in it."""
    techniques: Mapping[str, Technique]
    replaced: Mapping[str, str]


_SPOKEN: ContextVar[_Table | None] = ContextVar("_SPOKEN", default=None)


@contextmanager
def speaking(catalogue: Catalogue | None) -> Generator[None]:
    """Let ids mean what the built-in table and a catalogue say together, in this thread and until the end; none is the table alone.

    The newer version wins an id. What only one of them has stays known, so that rules and evidence of either are understood.
    """
    token = _SPOKEN.set(_with(catalogue) if catalogue else _built_in())
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def built_in_is_newer(catalogue: Catalogue) -> bool:
    """Say whether the built-in table wins an id that both have; it does over a catalogue whose version is not known."""
    return _order(_built_in().version) >= version_order(catalogue)


def version_order(catalogue: Catalogue) -> tuple[int, ...]:
    """Give what catalogues are ordered by, the newer version of ATT&CK the greater; one that is not known comes first."""
    return _order(catalogue.version)


def version() -> str:
    """Give the newest version of ATT&CK whose ids and tactics are spoken."""
    return _table().version


def current_id(technique_id: str) -> str:
    """Give the id in use today, upper case: a replaced id's successor, any other id unchanged, known or not."""
    upper = technique_id.strip().upper()
    return _table().replaced.get(upper, upper)


def technique(technique_id: str) -> Technique | None:
    """Give the technique of that id in any case, or its successor's if it was replaced; none if ATT&CK has no live technique of that id."""
    return _table().techniques.get(current_id(technique_id))


def parent(technique_id: str) -> str | None:
    """Give the id of the technique that this sub-technique belongs to today; none for a technique of its own."""
    head, dot, _ = current_id(technique_id).partition(".")
    return head if dot else None


def _table() -> _Table:
    return _SPOKEN.get() or _built_in()


@lru_cache(maxsize=1)
def _built_in() -> _Table:
    table = cast("_Techniques", document("attack.yml"))
    techniques = {key: Technique(key, name, tuple(tactics)) for key, (name, tactics) in table["techniques"].items()}
    return _Table(table["version"], techniques, table["replaced"])


def _with(catalogue: Catalogue) -> _Table:
    rows = {row.id: Technique(row.id, row.name, tuple(dict.fromkeys(map(tactic, row.tactics)))) for row in catalogue.techniques}
    imported = _Table(catalogue.version, rows, catalogue.replaced)
    ours = _built_in()
    return _joined(ours, imported) if built_in_is_newer(catalogue) else _joined(imported, ours)


def _joined(newer: _Table, older: _Table) -> _Table:
    kept = {key: one for key, one in older.techniques.items() if key not in newer.replaced}
    techniques = {**kept, **newer.techniques}
    return _Table(newer.version, techniques, flattened({**older.replaced, **newer.replaced}, set(techniques)))


def _order(version: str) -> tuple[int, ...]:
    """Give what versions are ordered by; a text without a number comes before all."""
    return tuple(int(number) for number in re.findall(r"\d{1,9}", version))
