"""Drawing: the picture as nodes and edges that a report can show. Owns their ids and details; what is chosen, `picture.py` says."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256

from watchkeeper.model.event import Event
from watchkeeper.model.trace import Edge, Member, Node
from watchkeeper.tracing.alerted import Alerts, latest, subject
from watchkeeper.tracing.entry import Gap
from watchkeeper.tracing.fact import Fact, Thing
from watchkeeper.tracing.picture import Group, Picture
from watchkeeper.tracing.processes import Processes
from watchkeeper.tracing.ranking import Reached

_MOST_EVIDENCE = 200
_MOST_NAMED = 30
"""Names of what a folded node holds."""


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
    unknown = [_unknown(f"unknown|{thing.key}", "process-start", thing, fact) for thing, fact in picture.unborn]
    unknown += [_unknown(_between(gap), "link", gap.after, gap.second) for gap in picture.gaps]
    return (*singles, *folded, *unknown)


def _node(item: Reached, facts: Sequence[Fact], alerted: Alerts, processes: Processes) -> Node:
    thing = item.thing
    signalled = [alerted[fact.event.id] for fact in facts if fact.event.id in alerted and subject(fact).key == thing.key]
    born, ended = processes.creations.get(thing.key), processes.ends.get(thing.key)
    over = {"ended": ended.time.isoformat(timespec="seconds")} if ended and ended.time else {}
    return Node(
        id=identifier(thing.key),
        kind=thing.kind,
        label=thing.label,
        host=thing.host,
        time=born.time if born else _earliest(facts) or (item.via.event.time if item.via else None),
        details=dict(thing.details) | over,
        alerted=bool(signalled),
        tactic=latest(tactic for alert in signalled for tactic in alert.tactics),
    )


def _folded(group: Group, alerted: Alerts) -> Node:
    first = group.members[0]
    named = Counter(thing.details.get("path", thing.label) for thing in group.members)
    time = _earliest(group.facts)
    signalled = [alerted[fact.event.id] for fact in group.facts if fact.event.id in alerted]
    return Node(
        id=identifier(group.key),
        kind="folded",
        label=group.label,
        host=first.host,
        time=time,
        details={"kind": first.kind},
        alerted=bool(signalled),
        tactic=latest(tactic for alert in signalled for tactic in alert.tactics),
        count=len(group.members),
        members=tuple(Member(label=name, count=count) for name, count in named.most_common(_MOST_NAMED)),
    )


def _unknown(key: str, missing: str, thing: Thing, fact: Fact) -> Node:
    """Draw what the record does not show: who started a process, or how one thing led to another."""
    details = {"missing": missing, "of": thing.label}
    return Node(
        id=identifier(key), kind="unknown", label="?", host=thing.host, time=fact.event.time, details=details, alerted=False, tactic=""
    )


def _between(gap: Gap) -> str:
    return f"unknown|{gap.before.key}|{gap.after.key}"


def edges(picture: Picture, alerted: Alerts, ends: Mapping[str, Event]) -> tuple[Edge, ...]:
    """Draw the edges between the nodes in time order; that a process was started is shown by the record of its end (`ends`) as well."""
    drawn: list[Edge] = []
    for (source, target, kind), shown in picture.pairs.items():
        drawn.append(_edge(source, target, kind, shown, alerted, ends))
    for group in picture.groups:
        fact = group.facts[0]
        joined = (group.anchor, group.key) if fact.source.key == group.anchor else (group.key, group.anchor)
        drawn.append(_edge(*joined, fact.kind, group.facts, alerted, ends))
    drawn += [_edge(f"unknown|{thing.key}", thing.key, "started", (fact,), alerted, ends) for thing, fact in picture.unborn]
    for gap in picture.gaps:
        drawn.append(_edge(gap.before.key, _between(gap), "led-to", (gap.first,), alerted, ends))
        drawn.append(_edge(_between(gap), gap.after.key, "led-to", (gap.second,), alerted, ends))
    return tuple(sorted(drawn, key=lambda edge: edge.time.timestamp() if edge.time else float("inf")))


def _edge(source: str, target: str, kind: str, facts: Sequence[Fact], alerted: Alerts, ends: Mapping[str, Event]) -> Edge:
    over = [ends[fact.target.key].id for fact in facts if fact.kind == "started" and fact.target.key in ends]
    ids = tuple(dict.fromkeys((*(fact.event.id for fact in facts), *over)))
    techniques = dict.fromkeys(technique for id_ in ids if id_ in alerted for technique in alerted[id_].techniques)
    return Edge(
        source=identifier(source), target=identifier(target), kind=kind, time=_earliest(facts), evidence=_cited(ids, alerted),
        techniques=tuple(techniques),
    )  # fmt: skip


def _cited(ids: Sequence[str], alerted: Alerts) -> tuple[str, ...]:
    """Give the events to cite, signalled ones first if there are too many."""
    return tuple(ids if len(ids) <= _MOST_EVIDENCE else sorted(ids, key=lambda id_: id_ not in alerted)[:_MOST_EVIDENCE])
