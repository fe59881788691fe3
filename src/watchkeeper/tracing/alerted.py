"""Alerted: what an incident's signals say of each event. Owns weighing them; which thing a signal is about, facts say."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import log2
from typing import Any, cast

import pyarrow as pa

from watchkeeper.attack import TACTICS
from watchkeeper.model.alike import alike
from watchkeeper.model.entity import Entity
from watchkeeper.tracing.fact import Fact, Thing

_WEIGHTS = {"informational": 0.2, "low": 0.7, "medium": 2.0, "high": 5.0, "critical": 8.0}


@dataclass(frozen=True, slots=True)
class Alert:
    """The signals on one event, together."""

    rules: Mapping[str, float]
    """Rule to weight."""
    techniques: tuple[str, ...]
    tactics: tuple[str, ...]
    entities: tuple[Entity, ...]

    @property
    def weight(self) -> float:
        """How much the signals on this event say, together."""
        return sum(self.rules.values())


Alerts = Mapping[str, Alert]
"""Event id to what was signalled on it."""


def alerts(signals: pa.Table) -> Alerts:
    """Read a table of signals (`SIGNAL_SCHEMA` or `PLACED_SCHEMA`) into one entry an event; a rule that fired often here weighs less."""
    found: dict[str, Alert] = {}
    events = cast("list[str]", signals.column("event_id").to_pylist())
    for event, alert in zip(events, _each(signals), strict=True):
        before = found.get(event)
        found[event] = alert if before is None else _together(before, alert)
    return found


def _each(signals: pa.Table) -> Iterator[Alert]:
    """Yield what each signal says alone; those that say the same share it, since alerts repeat themselves."""
    said = signals.select(["rule", "level", "techniques", "tactics", "entities"]).combine_chunks()
    which, first = alike([cast("Any", column).combine_chunks() for column in said.columns], said.num_rows)
    fired = Counter(cast("list[str]", said.column("rule").to_pylist()))
    different = [_alert(row, fired[row["rule"]]) for row in said.take(first).to_pylist()]
    for number in which.to_pylist():
        yield different[number]


def _alert(row: Mapping[str, Any], fired: int) -> Alert:
    entities = (Entity(kind=item["kind"], value=item["value"]) for item in row["entities"] or ())
    weight = _WEIGHTS.get(row["level"], 1.0) / (1 + log2(fired))
    techniques, tactics = tuple(dict.fromkeys(row["techniques"])), tuple(dict.fromkeys(row["tactics"]))
    return Alert({row["rule"]: weight}, techniques, tactics, tuple(dict.fromkeys(entities)))


def _together(one: Alert, other: Alert) -> Alert:
    return Alert(
        {**one.rules, **other.rules},
        tuple(dict.fromkeys((*one.techniques, *other.techniques))),
        tuple(dict.fromkeys((*one.tactics, *other.tactics))),
        tuple(dict.fromkeys((*one.entities, *other.entities))),
    )


def subject(fact: Fact) -> Thing:
    """Give the thing that a signal on this fact's event is about."""
    return fact.target if fact.about_target else fact.source


def weights(facts: Iterable[Fact], alerted: Alerts) -> dict[str, float]:
    """Weigh each alerted thing by the distinct rules that fired on it; thing key to weight."""
    rules: dict[str, dict[str, float]] = {}
    for fact in facts:
        alert = alerted.get(fact.event.id)
        if alert is not None:
            rules.setdefault(subject(fact).key, {}).update(alert.rules)
    return {key: sum(found.values()) for key, found in rules.items()}


def latest(tactics: Iterable[str]) -> str:
    """Give the tactic that comes last in the usual order; empty if there is none."""
    named = set(tactics)
    known = [tactic for tactic in TACTICS if tactic in named]
    return known[-1] if known else ""
