"""Searching a filter for a rule: what events that it was wrong on have in common and none has that it was right on.

Owns the search and the filter's YAML. Which events those are, and proving the filter on them, is the caller's.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from uuid import NAMESPACE_OID, uuid5

import yaml

from watchkeeper.detection.logsources import LogSources
from watchkeeper.detection.sigma import Rule
from watchkeeper.detection.sigma.condition import fields
from watchkeeper.detection.sigma.files import RuleFile
from watchkeeper.detection.sigma.filters import Filter
from watchkeeper.detection.sigma.text import fold
from watchkeeper.detection.sigma.translate import translate
from watchkeeper.model.batch import Value
from watchkeeper.model.logsource import LogSource
from watchkeeper.schema import naming

MOST_FIELDS, MOST_VALUES, MOST_CHARACTERS = 3, 8, 400
"""A filter asks for so many fields, so many values of each and values so long at most: what needs more is no habit, but a list of cases."""
MOST_COMMON = 0.5
"""A field that so many other events of the log share tells nothing."""
MOST_UNIQUE, ENOUGH = 0.5, 10
"""Where a field's values are so rarely the same, among so many events at least, it numbers events, as a record id does."""
_MOST_CANDIDATES = 24

View = Mapping[str, str]
"""One event with its fields as the rule calls them."""


@dataclass(frozen=True, slots=True)
class Events:
    """Events by what the rule was on them."""

    false: Sequence[View]
    true: Sequence[View]
    unjudged: Sequence[View]
    """The rule fired, and nobody said whether it was right."""
    others: Sequence[View]
    """Events of the same logs on which it did not fire."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    field: str
    values: tuple[str, ...]
    cost: int
    """The rule's own fields come first, then those that name things."""
    true: int
    """A bit for each event that has one of the values."""
    unjudged: int
    others: int


def view(rule: Rule, source: LogSource, row: Mapping[str, Value], sources: LogSources) -> View:
    """Give an event's fields as a rule calls them; fields with several values are left out."""
    native = {name: value for name, value in row.items() if isinstance(value, str) and value}
    for route in sources.routes(rule.source, source):
        named = {name: native[field] for name, field in route.fields.items() if field in native}
        made = {name: text for name, how in route.derived.items() if (text := how.fill(row))}
        own = {name: value for name, value in native.items() if name not in set(route.fields.values())}
        return {**own, **named, **made}
    return native


def search(rule: Rule, events: Events, sources: Iterable[LogSource]) -> Mapping[str, tuple[str, ...]] | None:
    """Give the fewest fields, with their values, that every false event has and no true one; none if there are none.

    Of several such sets the one that hides the fewest events of which nobody spoke, then the one that other events share least.
    """
    if not events.false:
        return None
    candidates = _candidates(rule, events, {name.field for source in sources for name in naming(source)})
    for count in range(1, MOST_FIELDS + 1):
        found = [chosen for chosen in combinations(candidates, count) if _tells(chosen, len(events.others))]
        if found:
            best = min(found, key=_cost)
            return {one.field: one.values for one in best}
    return None


def filter_text(rule: Rule, selection: Mapping[str, tuple[str, ...]], judged: int, made: date) -> str:
    """Write a filter as YAML in Sigma's words."""
    asked = {name: values[0] if len(values) == 1 else list(values) for name, values in _escaped(selection)}
    source = {"product": rule.source.product, "category": rule.source.category, "service": rule.source.service}
    content = {
        "title": f"Benign here: {rule.title}",
        "id": str(uuid5(NAMESPACE_OID, f"{rule.id}\0{sorted(selection.items())}")),
        "description": f"Made by Watchkeeper of {judged} signals that people judged benign.",
        "date": made.isoformat(),
        "logsource": {name: value for name, value in source.items() if value},
        "filter": {"rules": [rule.id], "selection": asked, "condition": "not selection"},
    }
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=1_000)


def read_filter(text: str) -> Filter:
    """Read a filter that `filter_text` wrote, as it is read from a file.

    Raises:
        ValueError: it cannot be read; the message says why.
    """
    translated = translate(RuleFile("proposed filter", text.encode()))
    if translated.problems or len(translated.filters) != 1:
        raise ValueError(f"the filter cannot be used: {'; '.join(translated.problems) or 'it is no filter'}")
    return translated.filters[0]


def _candidates(rule: Rule, events: Events, naming_fields: set[str]) -> list[_Candidate]:
    """Give the fields that every false event has with few values."""
    own = fields(rule.condition)
    shared = sorted(set(events.false[0]).intersection(*events.false[1:]))
    every = [*events.false, *events.true, *events.unjudged, *events.others]
    found: list[_Candidate] = []
    for name in shared:
        values = {fold(one[name]): one[name] for one in events.false}
        is_habit = len(values) <= min(MOST_VALUES, max(1, len(events.false) // 2)) and max(map(len, values)) <= MOST_CHARACTERS
        cost = 0 if name in own else 1 if name in naming_fields else 2
        if is_habit and (cost == 0 or not _is_unique(name, every, unsure=cost > 1)):
            bits = (_bits(name, values, part) for part in (events.true, events.unjudged, events.others))
            found.append(_Candidate(name, tuple(sorted(values.values())), cost, *bits))
    return sorted(found, key=lambda one: (one.cost, len(one.values), one.field))[:_MOST_CANDIDATES]


def _is_unique(name: str, every: Sequence[View], *, unsure: bool) -> bool:
    """Say whether a field numbers events; of too few events to tell it says `unsure`."""
    had = [one[name] for one in every if name in one]
    return unsure if len(had) < ENOUGH else len(set(had)) > MOST_UNIQUE * len(had)


def _bits(name: str, values: Mapping[str, str], events: Sequence[View]) -> int:
    return sum(1 << at for at, one in enumerate(events) if name in one and fold(one[name]) in values)


def _tells(chosen: Sequence[_Candidate], others: int) -> bool:
    true, common = -1, -1
    for one in chosen:
        true &= one.true
        common &= one.others
    return not true and common.bit_count() <= MOST_COMMON * others


def _cost(chosen: Sequence[_Candidate]) -> tuple[int, int, int, int, tuple[str, ...]]:
    unjudged, others = -1, -1
    for one in chosen:
        unjudged &= one.unjudged
        others &= one.others
    values = sum(len(one.values) for one in chosen)
    return unjudged.bit_count(), sum(one.cost for one in chosen), others.bit_count(), values, tuple(one.field for one in chosen)


def _escaped(selection: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Write values so that Sigma reads no wildcard in them."""
    for name, values in selection.items():
        yield name, tuple(value.replace("\\", "\\\\").replace("*", "\\*").replace("?", "\\?") for value in values)
