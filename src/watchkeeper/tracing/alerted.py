"""Alerted: what an incident's signals say of each event. Owns weighing them; which thing a signal is about, facts say."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log2

import pyarrow as pa

from watchkeeper.attack import TACTICS
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
    rows = signals.select(["event_id", "rule", "level", "techniques", "tactics", "entities"]).to_pylist()
    fired = Counter(row["rule"] for row in rows)
    for row in rows:
        before = found.get(row["event_id"], Alert({}, (), (), ()))
        entities = tuple(Entity(kind=item["kind"], value=item["value"]) for item in row["entities"] or ())
        found[row["event_id"]] = Alert(
            {**before.rules, row["rule"]: _WEIGHTS.get(row["level"], 1.0) / (1 + log2(fired[row["rule"]]))},
            tuple(dict.fromkeys((*before.techniques, *row["techniques"]))),
            tuple(dict.fromkeys((*before.tactics, *row["tactics"]))),
            tuple(dict.fromkeys((*before.entities, *entities))),
        )
    return found


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
