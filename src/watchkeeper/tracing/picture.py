"""Picture: the graph that is shown, fifty nodes at most. Owns choosing and folding; how near things are is `ranking`'s."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from watchkeeper.evidence.naming import short, tail
from watchkeeper.tracing.alerted import Alerts, subject, weights
from watchkeeper.tracing.entry import Entry, Gap
from watchkeeper.tracing.fact import Fact, Thing
from watchkeeper.tracing.hubs import is_hub
from watchkeeper.tracing.prices import alike
from watchkeeper.tracing.processes import Processes
from watchkeeper.tracing.ranking import Reached, terminals

MOST_NODES = 50
_KEPT_FOR_REST, _LEAST_ALIKE, _MOST_UNBORN, _MOST_GAPS = 6, 3, 2, 3
_CONSIDERED = 2_000
_ON_THE_WAY = 1.0
"""How far a thing counts to be that only stands on the way from the entry."""
_LONGEST_ENDING = 10
_MOST_OUTSIDE = 4
"""Room for outside ends that would otherwise not be near enough."""
_WEIGHTY = 0.2
"""What was signalled on with less than this share of the heaviest may be folded with others alike."""


@dataclass(frozen=True, slots=True)
class Group:
    """Things alike that hang on one thing and are drawn as one."""

    key: str
    label: str
    """What they have in common, or the first one's name."""
    anchor: str
    facts: tuple[Fact, ...]
    members: tuple[Thing, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """What is drawn: chosen things by key, groups, and the edges between them."""

    chosen: Mapping[str, Reached]
    groups: tuple[Group, ...]
    pairs: Mapping[tuple[str, str, str], tuple[Fact, ...]]
    """(source key, target key, kind) to the facts, in time order."""
    unborn: tuple[tuple[Thing, Fact], ...]
    """Chosen processes whose start is not in the record, with a fact that names them."""
    gaps: tuple[Gap, ...]
    """On the way from the entry, where no event shows how one thing led to the next."""
    left_out: int
    """Things within reach that are drawn neither alone nor in a group."""


@dataclass(slots=True)
class _Choice:
    chosen: dict[str, Reached] = field(default_factory=dict[str, Reached])
    groups: list[Group] = field(default_factory=list[Group])


def compose(reached: Sequence[Reached], entry: Entry, facts: Iterable[Fact], alerted: Alerts, processes: Processes) -> Picture:
    """Choose the way from the entry, then the nearest things, draw those alike as one, and keep every edge between the chosen."""
    facts = tuple(facts)
    near = _from_entry(entry, reached)
    groups = _alike(near, _weighty(facts, alerted) | {link.thing.key for link in entry.path})
    grouped = {thing.key for group in groups.values() for thing in group.members}
    gaps = tuple(entry.gaps())[:_MOST_GAPS]
    choice = _choose(near, groups, grouped, MOST_NODES - _KEPT_FOR_REST - _MOST_UNBORN - len(gaps))
    rest = [item for item in near if item.thing.key not in choice.chosen and item.thing.key not in grouped]
    spare = MOST_NODES - len(choice.chosen) - len(choice.groups) - _MOST_UNBORN - len(gaps)
    choice.groups += _rest(rest, choice.chosen, spare)
    drawn = {thing.key for group in choice.groups for thing in group.members} | set(choice.chosen)
    pairs = _pairs(facts, choice.chosen)
    return Picture(choice.chosen, tuple(choice.groups), pairs, _unborn(choice.chosen, facts, processes), gaps, len(reached) - len(drawn))


def _from_entry(entry: Entry, reached: Sequence[Reached]) -> list[Reached]:
    """Put the way from the entry first, from the alerted end on, so that each thing stands after the one it is drawn beside."""
    found = {item.thing.key: item for item in reached}
    way: dict[str, Reached] = {}
    before: str | None = None
    for link in reversed(entry.path):
        known = found.get(link.thing.key, Reached(link.thing, _ON_THE_WAY, link.fact, before))
        way[link.thing.key] = replace(known, previous=before)
        before = link.thing.key
    rest = [item for key, item in found.items() if key not in way]
    return [*way.values(), *rest][:_CONSIDERED]


def _weighty(facts: Sequence[Fact], alerted: Alerts) -> set[str]:
    """Give the alerted things that stand for themselves: heavy enough, and not one of many alike."""
    weighed = weights(facts, alerted)
    least = _WEIGHTY * max(weighed.values(), default=0.0)
    return {key for key in terminals(facts, alerted, weighed) if weighed[key] >= least}


def _alike(near: Sequence[Reached], marked: set[str]) -> dict[str, Group]:
    """Group what hangs alike on one thing and leads to nothing weighty; first member's key to group."""
    kept = _led_to(near, marked)
    loose = [item for item in near if item.previous is not None and item.via and item.thing.key not in kept]
    groups: dict[str, Group] = {}
    for name in (alike, _ending):
        together: dict[tuple[str, str, str, str], list[Reached]] = defaultdict(list)
        for item in loose:
            if item.previous is not None and item.via and name(item.thing):
                together[item.previous, item.via.kind, item.thing.kind, name(item.thing)].append(item)
        groups |= {items[0].thing.key: _group(items, name(items[0].thing)) for items in together.values() if len(items) >= _LEAST_ALIKE}
        grouped = {thing.key for group in groups.values() for thing in group.members}
        loose = [item for item in loose if item.thing.key not in grouped]
    return groups


def _ending(thing: Thing) -> str:
    """Name the class of files with one ending, wherever they lie; nothing for what is no file or has none."""
    _, dot, ending = tail(thing.details.get("path", thing.label)).rpartition(".")
    return f"*.{ending.lower()}" if thing.kind == "file" and dot and 0 < len(ending) <= _LONGEST_ENDING else ""


def _led_to(near: Sequence[Reached], marked: set[str]) -> set[str]:
    """Give the weighty things and everything they were reached by."""
    before = {item.thing.key: item.previous for item in near}
    kept: set[str] = set()
    for key in marked & set(before):
        at: str | None = key
        while at is not None and at not in kept:
            kept.add(at)
            at = before.get(at)
    return kept


def _group(items: Sequence[Reached], label: str) -> Group:
    first = items[0]
    facts = tuple(item.via for item in items if item.via)
    return Group(f"folded|{first.thing.key}", label, first.previous or "", facts, tuple(item.thing for item in items))


def _choose(near: Sequence[Reached], groups: Mapping[str, Group], grouped: set[str], most: int) -> _Choice:
    """Choose the nearest, but leave room for the outside ends that programs of the attack talk to."""
    choice = _Choice()
    _fill(choice, near, groups, grouped, most - _MOST_OUTSIDE)
    _fill(choice, [item for item in near if _is_outside_end(item, choice.chosen)][:_MOST_OUTSIDE], groups, grouped, most)
    _fill(choice, near, groups, grouped, most)
    return choice


def _fill(choice: _Choice, near: Sequence[Reached], groups: Mapping[str, Group], grouped: set[str], most: int) -> None:
    drawn = {group.key for group in choice.groups}
    for item in near:
        if len(choice.chosen) + len(choice.groups) >= most:
            break
        if item.thing.key in choice.chosen or (item.previous is not None and item.previous not in choice.chosen):
            continue
        group = groups.get(item.thing.key)
        if group is not None and group.key not in drawn:
            choice.groups.append(group)
            drawn.add(group.key)
        elif item.thing.key not in grouped:
            choice.chosen[item.thing.key] = item


def _is_outside_end(item: Reached, chosen: Mapping[str, Reached]) -> bool:
    """Say whether a chosen program that is not the system's own talks to it."""
    before = chosen.get(item.previous or "")
    if before is None or item.thing.kind not in {"address", "domain", "url"}:
        return False
    program = before.thing
    return program.kind == "process" and not is_hub(program) and short(program.details.get("image", "")) == program.details.get("image")


def _rest(rest: Sequence[Reached], chosen: Mapping[str, Reached], most: int) -> list[Group]:
    """Fold what did not fit by the chosen thing it hangs on, the largest groups first."""
    together: dict[tuple[str, str, str], list[Reached]] = defaultdict(list)
    for item in rest:
        if item.previous is not None and item.previous in chosen and item.via:
            together[item.previous, item.via.kind, item.thing.kind].append(item)
    largest = sorted(together.values(), key=len, reverse=True)[: max(most, 0)]
    return [_group(items, items[0].thing.label) for items in largest if len(items) > 1]


def _pairs(facts: Sequence[Fact], chosen: Mapping[str, Reached]) -> dict[tuple[str, str, str], tuple[Fact, ...]]:
    found: dict[tuple[str, str, str], list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.source.key in chosen and fact.target.key in chosen:
            found[fact.source.key, fact.target.key, fact.kind].append(fact)
    return {pair: tuple(sorted(shown, key=_when)) for pair, shown in found.items()}


def _unborn(chosen: Mapping[str, Reached], facts: Sequence[Fact], processes: Processes) -> tuple[tuple[Thing, Fact], ...]:
    started = {fact.target.key for fact in facts if fact.kind == "started"}
    found: dict[str, tuple[Thing, Fact]] = {}
    for fact in sorted(facts, key=_when):
        thing = subject(fact)
        orphan = thing.kind == "process" and not is_hub(thing) and thing.key not in started and thing.key not in processes.creations
        if orphan and thing.key in chosen:
            found.setdefault(thing.key, (thing, fact))
    return tuple(sorted(found.values(), key=lambda item: chosen[item[0].key].cost))[:_MOST_UNBORN]


def _when(fact: Fact) -> float:
    return fact.event.time.timestamp() if fact.event.time else float("inf")
