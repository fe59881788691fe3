"""Picture: the graph that is shown, fifty nodes at most. Owns choosing and folding; how near things are is `ranking`'s."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from watchkeeper.model.trace import Edge, Node
from watchkeeper.tracing.alerted import Alerts, latest, subject, weights
from watchkeeper.tracing.fact import Fact, Thing
from watchkeeper.tracing.hubs import is_hub
from watchkeeper.tracing.processes import Processes
from watchkeeper.tracing.ranking import Reached, alike

MOST_NODES = 50
_KEPT_FOR_REST, _LEAST_ALIKE, _MOST_EVIDENCE, _MOST_UNBORN = 6, 3, 50, 3
_CONSIDERED = 2_000
_WEIGHTY = 0.2
"""What was signalled on with less than this share of the heaviest may be folded with others alike."""


@dataclass(frozen=True, slots=True)
class Group:
    """Things alike that hang on one thing and are drawn as one."""

    key: str
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
    left_out: int
    """Things within reach that are drawn neither alone nor in a group."""


@dataclass(slots=True)
class _Choice:
    chosen: dict[str, Reached] = field(default_factory=dict[str, Reached])
    groups: list[Group] = field(default_factory=list[Group])


def compose(reached: Sequence[Reached], facts: Iterable[Fact], alerted: Alerts, processes: Processes) -> Picture:
    """Choose the nearest things, draw those alike as one, and keep every edge between the chosen."""
    facts = tuple(facts)
    weighed = weights(facts, alerted)
    marked = {key for key, weight in weighed.items() if weight >= _WEIGHTY * max(weighed.values())}
    near = reached[:_CONSIDERED]
    groups = _alike(near, marked)
    grouped = {thing.key for group in groups.values() for thing in group.members}
    choice = _choose(near, groups, grouped)
    rest = [item for item in near if item.thing.key not in choice.chosen and item.thing.key not in grouped]
    spare = MOST_NODES - len(choice.chosen) - len(choice.groups) - _MOST_UNBORN
    choice.groups += _rest(rest, choice.chosen, spare)
    drawn = {thing.key for group in choice.groups for thing in group.members} | set(choice.chosen)
    pairs = _pairs(facts, choice.chosen)
    return Picture(choice.chosen, tuple(choice.groups), pairs, _unborn(choice.chosen, facts, processes), len(reached) - len(drawn))


def _alike(near: Sequence[Reached], marked: set[str]) -> dict[str, Group]:
    """Group what hangs alike on one thing and leads to nothing weighty; first member's key to group."""
    kept = _led_to(near, marked)
    together: dict[tuple[str, str, str, str], list[Reached]] = defaultdict(list)
    for item in near:
        if item.previous is not None and item.via and item.thing.key not in kept:
            together[item.previous, item.via.kind, item.thing.kind, alike(item.thing)].append(item)
    return {items[0].thing.key: _group(items) for items in together.values() if len(items) >= _LEAST_ALIKE}


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


def _group(items: Sequence[Reached]) -> Group:
    first = items[0]
    facts = tuple(item.via for item in items if item.via)
    return Group(f"folded|{first.thing.key}", first.previous or "", facts, tuple(item.thing for item in items))


def _choose(near: Sequence[Reached], groups: Mapping[str, Group], grouped: set[str]) -> _Choice:
    choice = _Choice()
    for item in near:
        if len(choice.chosen) + len(choice.groups) >= MOST_NODES - _KEPT_FOR_REST - _MOST_UNBORN:
            break
        if item.previous is not None and item.previous not in choice.chosen:
            continue
        if item.thing.key in groups:
            choice.groups.append(groups[item.thing.key])
        elif item.thing.key not in grouped:
            choice.chosen[item.thing.key] = item
    return choice


def _rest(rest: Sequence[Reached], chosen: Mapping[str, Reached], most: int) -> list[Group]:
    """Fold what did not fit by the chosen thing it hangs on, the largest groups first."""
    together: dict[tuple[str, str, str], list[Reached]] = defaultdict(list)
    for item in rest:
        if item.previous is not None and item.previous in chosen and item.via:
            together[item.previous, item.via.kind, item.thing.kind].append(item)
    largest = sorted(together.values(), key=len, reverse=True)[: max(most, 0)]
    return [_group(items) for items in largest if len(items) > 1]


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


def _earliest(facts: Iterable[Fact]) -> datetime | None:
    return min((fact.event.time for fact in facts if fact.event.time), default=None)


def identifier(key: str) -> str:
    """Give a node's id: the same for the same thing in any run."""
    return "n" + sha256(key.encode()).hexdigest()[:12]


def nodes(picture: Picture, alerted: Alerts, processes: Processes) -> tuple[Node, ...]:
    """Draw the nodes: the chosen things, nearest first, then groups, then what is unknown."""
    about: dict[str, list[Fact]] = defaultdict(list)
    for shown in picture.pairs.values():
        for fact in shown:
            about[fact.source.key].append(fact)
            about[fact.target.key].append(fact)
    singles = [_node(item, about[item.thing.key], alerted, processes) for item in picture.chosen.values()]
    folded = [_folded(group, alerted) for group in picture.groups]
    unknown = [_unknown(thing, fact) for thing, fact in picture.unborn]
    return (*singles, *folded, *unknown)


def _node(item: Reached, facts: Sequence[Fact], alerted: Alerts, processes: Processes) -> Node:
    thing = item.thing
    signalled = [alerted[fact.event.id] for fact in facts if fact.event.id in alerted and subject(fact).key == thing.key]
    born = processes.creations.get(thing.key)
    return Node(
        id=identifier(thing.key),
        kind=thing.kind,
        label=thing.label,
        host=thing.host,
        time=born.time if born else _earliest(facts) or (item.via.event.time if item.via else None),
        details=dict(thing.details),
        alerted=bool(signalled),
        tactic=latest(tactic for alert in signalled for tactic in alert.tactics),
    )


def _folded(group: Group, alerted: Alerts) -> Node:
    first = group.members[0]
    names = list(dict.fromkeys(thing.details.get("path", thing.label) for thing in group.members))
    label = alike(first) if len({alike(thing) for thing in group.members}) == 1 else first.label
    details = {"kind": first.kind, "examples": "\n".join(names[:20])}
    time = _earliest(group.facts)
    signalled = [alerted[fact.event.id] for fact in group.facts if fact.event.id in alerted]
    return Node(
        id=identifier(group.key),
        kind="folded",
        label=label,
        host=first.host,
        time=time,
        details=details,
        alerted=bool(signalled),
        tactic=latest(tactic for alert in signalled for tactic in alert.tactics),
        count=len(group.members),
    )


def _unknown(thing: Thing, fact: Fact) -> Node:
    """Draw who started a process whose start is not in the record."""
    key = f"unknown|{thing.key}"
    details = {"missing": "process-start", "of": thing.label}
    return Node(
        id=identifier(key), kind="unknown", label="?", host=thing.host, time=fact.event.time, details=details, alerted=False, tactic=""
    )


def edges(picture: Picture, alerted: Alerts) -> tuple[Edge, ...]:
    """Draw the edges between the nodes in time order."""
    drawn = [_edge(source, target, kind, shown, alerted) for (source, target, kind), shown in picture.pairs.items()]
    for group in picture.groups:
        fact = group.facts[0]
        ends = (group.anchor, group.key) if fact.source.key == group.anchor else (group.key, group.anchor)
        drawn.append(_edge(*ends, fact.kind, group.facts, alerted))
    drawn += [_edge(f"unknown|{thing.key}", thing.key, "started", (fact,), alerted) for thing, fact in picture.unborn]
    return tuple(sorted(drawn, key=lambda edge: edge.time.timestamp() if edge.time else float("inf")))


def _edge(source: str, target: str, kind: str, facts: Sequence[Fact], alerted: Alerts) -> Edge:
    ids = tuple(dict.fromkeys(fact.event.id for fact in facts))
    techniques = dict.fromkeys(technique for id_ in ids if id_ in alerted for technique in alerted[id_].techniques)
    return Edge(
        source=identifier(source), target=identifier(target), kind=kind, time=_earliest(facts), evidence=ids[:_MOST_EVIDENCE],
        techniques=tuple(techniques),
    )  # fmt: skip
