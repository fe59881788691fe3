"""ATT&CK's tactics: their order, names and former names. Owns no technique."""

from collections.abc import Iterable
from typing import TypedDict, cast

from watchkeeper.content import document
from watchkeeper.model.language import Language


class _Tactics(TypedDict):
    order: list[str]
    former: dict[str, str]
    names: dict[str, dict[Language, str]]


_TABLE = cast("_Tactics", document("attack_tactics.yml"))

TACTICS: tuple[str, ...] = tuple(_TABLE["order"])
"""Tactics by short name, in the usual order from reconnaissance to impact."""


def tactic(name: str) -> str:
    """Give the short name used today: any case, spaces or underscores, and names of earlier versions (`Defense_Evasion` is `stealth`).

    A name that ATT&CK does not have comes back in the same spelling rules; it is not in `TACTICS`.
    """
    short = name.strip().lower().replace("_", "-").replace(" ", "-")
    return _TABLE["former"].get(short, short)


def in_usual_order(names: Iterable[str]) -> tuple[str, ...]:
    """Give each short name once, in the usual order; those that ATT&CK does not have come last."""
    distinct = set(names)
    return (*(name for name in TACTICS if name in distinct), *sorted(distinct.difference(TACTICS)))


def tactic_name(name: str, language: Language) -> str:
    """Give the tactic's name for people; an unknown tactic is shown as it is written."""
    names = _TABLE["names"].get(tactic(name))
    return names[language] if names else name
