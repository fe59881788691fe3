"""What is known of an event's values, told: as a signal of its own for an event, within the signal that an alert is. Owns the wording."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import pyarrow as pa

from watchkeeper.attack import technique
from watchkeeper.detection.entities import fields_needed
from watchkeeper.detection.intel.known import Verdict
from watchkeeper.detection.signals import MAX_VALUE_CHARACTERS, event_columns, signal_id
from watchkeeper.model.batch import Batch, Value
from watchkeeper.model.entity import EntityKind
from watchkeeper.model.level import LEVELS
from watchkeeper.model.signal import FOLLOWING, SIGNAL_SCHEMA

_WORDS = {
    "address": "address", "domain": "domain", "url": "URL", "hash": "hash of a file", "mailbox": "mailbox", "file": "file", "user": "user",
    "host": "host", "account": "account", "service": "service", "task": "task", "fingerprint": "fingerprint",
}  # fmt: skip
_ENTITIES: Mapping[str, EntityKind] = {
    "address": "address", "domain": "domain", "url": "url", "hash": "hash", "mailbox": "mailbox", "file": "file", "user": "user",
    "host": "host", "account": "account", "service": "service", "task": "task", "fingerprint": "fingerprint",
}  # fmt: skip
_LEVELS = ((75, "high"), (40, "medium"), (10, "low"), (0, "informational"))
_MOST_TITLE = 120


@dataclass(frozen=True, slots=True)
class Found:
    """A value with indicators in one field of an event."""

    index: int
    """Place of the event in its batch."""
    stands: tuple[tuple[str, str], ...]
    """Native field and its value, several where the text is joined of them."""
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Told:
    """What one indicator, the surest of those that know a value, says of an event."""

    index: int
    """Place of the event in its batch."""
    indicator: Mapping[str, Any]
    others: Sequence[Mapping[str, Any]]
    """Other indicators of the value."""
    found: Sequence[Found]
    """Where the value stands."""
    is_watched: bool = False
    """It is of the organisation's own watchlists."""
    is_followed: bool = False
    """It is followed because of an incident."""

    @property
    def title(self) -> str:
        """In words for people."""
        if self.is_followed:
            return "Followed: " + _named(self.indicator, self.found[0].verdict.pair)
        start = "On a watchlist: " if self.is_watched else "Known by intelligence: "
        return start + _title(self.indicator, self.found[0].verdict.pair, self.others)

    @property
    def level(self) -> str:
        """The indicator's own, else by its confidence."""
        return self.indicator["level"] or _level(self.indicator["confidence"])

    @property
    def detector(self) -> str:
        """Who says so."""
        return FOLLOWING if self.is_followed else "intel"


def told_signals(batch: Batch, told: Sequence[Told]) -> pa.Table:
    """Give one signal for each (`SIGNAL_SCHEMA`), in the order given."""
    if not told:
        return SIGNAL_SCHEMA.empty_table()
    indices = [one.index for one in told]
    events = event_columns(batch, indices, _natives(batch, indices))
    rules = [rule_of(one.indicator) for one in told]
    named = [cast("list[dict[str, str]]", entities) for entities in cast("list[object]", events["entities"])]
    columns: dict[str, Any] = events | {
        "id": [signal_id(rule, event) for rule, event in zip(rules, cast("list[str]", events["event_id"]), strict=True)],
        "rule": rules,
        "title": [one.title for one in told],
        "level": [one.level for one in told],
        "detector": [one.detector for one in told],
        "techniques": [one.indicator["techniques"] for one in told],
        "tactics": [_tactics(one.indicator["techniques"]) for one in told],
        "entities": [_with_matched(entities, one.found) for entities, one in zip(named, told, strict=True)],
        "matches": [_matches(one.found) for one in told],
    }
    return pa.Table.from_pydict(columns, schema=SIGNAL_SCHEMA)


def enriched(alerts: pa.Table, told: Sequence[Told]) -> pa.Table:
    """Give signals of alerts with what is known of them; each stays the alert's one signal, and its level becomes the highest of all."""
    by_alert: dict[int, list[Told]] = {}
    for one in told:
        by_alert.setdefault(one.index, []).append(one)
    if not by_alert:
        return alerts
    places = sorted(by_alert)
    rows = alerts.take(pa.array(places, pa.int64())).to_pylist()
    known = [_with_known(row, by_alert[place]) for place, row in zip(places, rows, strict=True)]
    both = pa.concat_tables([alerts, pa.Table.from_pylist(known, schema=SIGNAL_SCHEMA)])
    moved = {place: alerts.num_rows + at for at, place in enumerate(places)}
    return both.take(pa.array([moved.get(place, place) for place in range(alerts.num_rows)], pa.int64()))


def _with_known(row: Mapping[str, Any], told: Sequence[Told]) -> dict[str, Any]:
    techniques = [*row["techniques"], *(name for one in told for name in one.indicator["techniques"])]
    found = [one for each in told for one in each.found]
    return {
        **row,
        "title": "; ".join((row["title"], *(one.title for one in told))),
        "level": max((row["level"], *(one.level for one in told)), key=LEVELS.index),
        "techniques": list(dict.fromkeys(techniques)),
        "tactics": list(dict.fromkeys([*row["tactics"], *_tactics(techniques)])),
        "entities": _with_matched(row["entities"], found),
        "matches": [*row["matches"], *(match for match in _matches(found) if match not in row["matches"])],
    }


def _natives(batch: Batch, indices: Sequence[int]) -> list[Mapping[str, Value]]:
    """Give, of the events at some places, the fields that name something; taking all of a wide table would cost more than the rest."""
    needed = fields_needed(batch.logsource) | {"synthetic"}
    names = [name for name in batch.table.column_names if name in needed]
    return list(Batch(batch.logsource, batch.table.select(["_id", *names]).take(pa.array(indices, pa.int64()))).rows())


def rule_of(indicator: Mapping[str, Any]) -> str:
    """Name an indicator as the rule of its signals: its source and its id."""
    return f"{indicator['source']}/{indicator['id']}"


def _title(indicator: Mapping[str, Any], pair: tuple[str, str], others: Sequence[Mapping[str, Any]]) -> str:
    sources = ", ".join(dict.fromkeys(one["source"] for one in (indicator, *others)))
    return f"{_named(indicator, pair)}, says {sources}"


def _named(indicator: Mapping[str, Any], pair: tuple[str, str]) -> str:
    word = "network" if indicator["kind"] == "network" else _WORDS[pair[0]]
    labels = ", ".join(indicator["labels"][:2])
    return f"{word} {indicator['value'][:_MOST_TITLE]}" + (f" ({labels[:_MOST_TITLE]})" if labels else "")


def _level(confidence: int) -> str:
    return next(level for least, level in _LEVELS if confidence >= least)


def _tactics(techniques: Sequence[str]) -> list[str]:
    known = (technique(name) for name in techniques)
    return list(dict.fromkeys(tactic for one in known if one is not None for tactic in one.tactics))


def _with_matched(entities: list[dict[str, str]], found: Sequence[Found]) -> list[dict[str, str]]:
    matched = [{"kind": _ENTITIES[one.verdict.pair[0]], "value": one.verdict.pair[1]} for one in found]
    return [*entities, *(one for place, one in enumerate(matched) if one not in entities and one not in matched[:place])]


def _matches(found: Sequence[Found]) -> list[dict[str, str]]:
    pairs = dict.fromkeys((field, text[:MAX_VALUE_CHARACTERS]) for one in found for field, text in one.stands)
    return [{"field": field, "value": value} for field, value in pairs]
