"""ATT&CK's techniques: what an id is called, which tactics it serves, and what replaced it. Owns no tactic's order."""

from dataclasses import dataclass
from typing import TypedDict, cast

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


def _table() -> _Techniques:
    return cast("_Techniques", document("attack.yml"))


def version() -> str:
    """Give the version of ATT&CK whose ids and tactics the table speaks."""
    return _table()["version"]


def current_id(technique_id: str) -> str:
    """Give the id in use today, upper case: a replaced id's successor, any other id unchanged, known or not."""
    upper = technique_id.strip().upper()
    return _table()["replaced"].get(upper, upper)


def technique(technique_id: str) -> Technique | None:
    """Give the technique of that id in any case, or its successor's if it was replaced; none if ATT&CK has no live technique of that id."""
    today = current_id(technique_id)
    row = _table()["techniques"].get(today)
    return Technique(today, row[0], tuple(row[1])) if row else None


def parent(technique_id: str) -> str | None:
    """Give the id of the technique that this sub-technique belongs to today; none for a technique of its own."""
    head, dot, _ = current_id(technique_id).partition(".")
    return head if dot else None
