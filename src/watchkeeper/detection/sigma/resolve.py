"""Finding what correlations count: rules, or other correlations, any depth, no cycles. Owns ids, names and who gives signals by itself.

Counting stands in `counting`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter

from watchkeeper.detection.sigma.condition import rename
from watchkeeper.detection.sigma.rule import Correlation, Rule
from watchkeeper.detection.sigma.translated import Asked


@dataclass(slots=True)
class Resolved:
    """Which correlations run, and what becomes of what they count."""

    correlations: list[Correlation] = field(default_factory=list[Correlation])
    """Those that run, in the order in which they were given, with what they count by id."""
    silenced: set[str] = field(default_factory=set[str])
    """Ids and names of what only counts within correlations that run."""
    lost: dict[str, str] = field(default_factory=dict[str, str])
    """Ids and names of what counts within a correlation that does not run, and what that is called."""
    problems: list[str] = field(default_factory=list[str])
    """Why some do not run, one sentence each."""


def resolved(asked: Sequence[Asked], rules: Sequence[Rule]) -> Resolved:
    """Find for each correlation what it counts, and which of them only count within others."""
    result = Resolved()
    known = [(one, one.correlation) for one in asked if one.correlation is not None]
    ids = _ids([correlation for _, correlation in known], rules)
    places = {correlation.id: place for place, (_, correlation) in reversed([*enumerate(known)])}
    order = _inner_first(known, ids, places, result.problems)
    running: dict[int, Correlation] = {}
    for place in order:
        one, correlation = known[place]
        missing = next((name.rule for name in correlation.counted if not _is_there(ids.get(name.rule), places, running)), None)
        known_by_id = _by_id(correlation, ids) if missing is None else None
        if known_by_id is None:
            result.problems.append(f"{one.place}: it counts the rule {missing!r}, which is not there or cannot run")
        elif twice := _twice(known_by_id):
            result.problems.append(
                f"{one.place}: it names the rule {twice!r} twice; where rules are joined in time, count its events instead"
            )
        else:
            running[place] = known_by_id
    left_out = [one for one in asked if one.correlation is None] + [one for place, (one, _) in enumerate(known) if place not in order]
    _tell(result, left_out, runs=False)
    _silence(known, reversed(order), running, result)
    result.correlations = [running[place] for place in sorted(running)]
    return result


def carrying(correlations: Sequence[Correlation]) -> tuple[Correlation, ...]:
    """Tell each correlation which fields those that count it read from its events, beyond what it groups by."""
    found = {one.id: one for one in correlations}
    for name in reversed(inner_first(correlations)):
        outer = found[name]
        for one in outer.counted:
            inner = found.get(one.rule)
            if inner is not None:
                needed = {*one.group, *one.value, *outer.carried} - {*inner.group}
                found[inner.id] = replace(inner, carried=tuple(sorted(needed.union(inner.carried))))
    return tuple(found[one.id] for one in correlations)


def inner_first(correlations: Sequence[Correlation]) -> Sequence[str]:
    """Give the ids so that what is counted comes before what counts it.

    Raises:
        ValueError: one counts itself.
    """
    ids = {one.id: None for one in correlations}
    needs = {one.id: [name.rule for name in one.counted if name.rule in ids] for one in correlations}
    try:
        return tuple(TopologicalSorter(needs).static_order())
    except CycleError as error:
        raise ValueError(f"correlations count each other in a circle: {error.args[1]!r}") from error


def _ids(correlations: Sequence[Correlation], rules: Sequence[Rule]) -> Mapping[str, str]:
    """Give the id of everything that can be counted, by id and by name; an id goes before a name, a rule before a correlation."""
    both: list[Rule | Correlation] = [*rules, *correlations]
    return {one.name: one.id for one in reversed(both) if one.name} | {one.id: one.id for one in both}


def _inner_first(
    known: Sequence[tuple[Asked, Correlation]], ids: Mapping[str, str], places: Mapping[str, int], problems: list[str]
) -> Sequence[int]:
    """Give the places of the correlations, those that are counted first; those that count themselves are left out and told."""
    needs: dict[int, set[int]] = {}
    for place, (_, correlation) in enumerate(known):
        names = [ids.get(one.rule, "") for one in correlation.counted]
        needs[place] = {places[name] for name in names if name in places}
    while True:
        try:
            order = tuple(TopologicalSorter(needs).static_order())
        except CycleError as error:
            cycle: list[int] = error.args[1][:-1]
            for place in cycle:
                others = ", ".join(repr(known[one][0].name) for one in cycle if one != place)
                problems.append(f"{known[place][0].place}: it counts itself" + (f", by way of {others}" if others else ""))
            needs = {place: wanted.difference(cycle) for place, wanted in needs.items() if place not in cycle}
        else:
            return order


def _is_there(name: str | None, places: Mapping[str, int], running: Mapping[int, Correlation]) -> bool:
    return name is not None and (name not in places or places[name] in running)


def _by_id(correlation: Correlation, ids: Mapping[str, str]) -> Correlation:
    counted = tuple(replace(one, rule=ids[one.rule]) for one in correlation.counted)
    wanted = None if correlation.wanted is None else rename(correlation.wanted, ids)
    return replace(correlation, counted=counted, wanted=wanted)


def _twice(correlation: Correlation) -> str:
    """Give a rule that a correlation in time names twice: one event would count as both; empty if none."""
    names = Counter(one.rule for one in correlation.counted)
    return next((name for name, count in names.items() if count > 1), "") if correlation.kind.startswith("temporal") else ""


def _silence(
    known: Sequence[tuple[Asked, Correlation]], outer_first: Iterable[int], running: dict[int, Correlation], result: Resolved
) -> None:
    """Take from the running correlations those that could only count within one that does not run; say of the others who gives signals."""
    for place in outer_first:
        asked, correlation = known[place]
        names = {correlation.id, correlation.name}
        outer = next((result.lost[name] for name in sorted(names) if name in result.lost), None)
        if place in running and outer is not None and names.isdisjoint(result.silenced):
            result.problems.append(f"{asked.place}: it only counts within the correlation {outer}, which does not run")
            del running[place]
        if place in running:
            running[place] = replace(running[place], emits=names.isdisjoint(result.silenced))
        _tell(result, [asked], runs=place in running)


def _tell(result: Resolved, asked: Sequence[Asked], *, runs: bool) -> None:
    for one in asked:
        if runs:
            result.silenced.update(one.silenced)
        else:
            result.lost.update(dict.fromkeys(one.silenced, one.name))
