"""Assess: how far it went, as three sets with a clear bound. Owns reading them off the trace's edges; worth, assets say."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping

from watchkeeper.model.asset import Asset
from watchkeeper.model.entity import Entity, EntityKind
from watchkeeper.model.impact import Impact, Touched
from watchkeeper.model.incident import Incident
from watchkeeper.model.note import Note
from watchkeeper.model.trace import Edge, Node, Trace
from watchkeeper.tracing.fact import named

_CONFIRMED, _PROBABLE, _POSSIBLE = 0, 1, 2
_KINDS: Mapping[str, EntityKind] = {
    "host": "host", "user": "account", "logon": "account", "file": "file", "service": "service", "task": "task", "registry": "registry",
    "cloud": "service",
}  # fmt: skip
_CHANGED = frozenset(
    {"wrote", "deleted", "set", "changed", "installed", "created", "added", "tampered", "cleared", "subscribed", "downloaded"}
)
_USED = frozenset({"owned", "called", "used", "came-as", "privileged"})
_CREDENTIALS = ("T1003", "T1558", "T1555", "T1552")
_STANDING = frozenset({"system", "local service", "network service", "anonymous logon", "-", ""})
_Finding = tuple[int, Entity, str, tuple[str, ...]]
"""Set, what, note code, event ids."""


def assess(incident: Incident, asset_of: Callable[[str], Asset]) -> Impact:
    """Bound an incident's impact by its trace; without a trace the sets are empty and say so."""
    if incident.trace is None:
        return Impact(confirmed=(), probable=(), possible=(), why=(Note(code="impact.untraced"),))
    grouped: dict[Entity, list[_Finding]] = defaultdict(list)
    for finding in _findings(incident.trace, incident.hosts):
        grouped[finding[1]].append(finding)
    sets: tuple[list[Touched], ...] = ([], [], [])
    for entity, findings in grouped.items():
        best = min(finding[0] for finding in findings)
        sets[best].append(_touched(entity, [finding for finding in findings if finding[0] == best], asset_of))
    confirmed, probable, possible = (tuple(sorted(found, key=lambda touched: -touched.criticality)) for found in sets)
    bound = Note(code="impact.bound", arguments={"nodes": str(len(incident.trace.nodes))})
    return Impact(confirmed=confirmed, probable=probable, possible=possible, why=(bound,))


def _touched(entity: Entity, findings: list[_Finding], asset_of: Callable[[str], Asset]) -> Touched:
    codes = dict.fromkeys(code for _, _, code, _ in findings)
    ids = dict.fromkeys(id_ for *_, evidence in findings for id_ in evidence)
    asset = asset_of(entity.value) if entity.kind in {"host", "account", "address"} else None
    return Touched(
        entity=entity,
        also=asset.names if asset and entity.kind == "account" else (),
        why=tuple(Note(code=code) for code in codes),
        evidence=tuple(ids)[:50],
        criticality=asset.criticality if asset else 2,
    )


def _findings(trace: Trace, hosts: tuple[str, ...]) -> Iterator[_Finding]:
    nodes = {node.id: node for node in trace.nodes}
    active = _active(trace)
    for edge in trace.edges:
        source, target = nodes[edge.source], nodes[edge.target]
        yield from _on_hosts(edge, source, target, active)
        yield from _changed(edge, source, target, active)
        yield from _identities(edge, source, target, active)
        yield from _beyond(edge, source, target, active)
    yield from ((_CONFIRMED, Entity(kind="host", value=host), "impact.did", ids) for host, ids in trace.acted.items())
    yield from _exposed(trace, nodes)
    alerted = tuple(
        dict.fromkeys(id_ for edge in trace.edges if nodes[edge.source].alerted or nodes[edge.target].alerted for id_ in edge.evidence)
    )
    for host in hosts:
        if host and alerted and not any(node.host == host and node.kind != "host" for node in trace.nodes):
            yield _PROBABLE, Entity(kind="host", value=host), "impact.alerted", alerted[:20]


def _active(trace: Trace) -> set[str]:
    """Give the ids of the processes that act for the attack: alerted, or started or injected by such."""
    active = {node.id for node in trace.nodes if node.alerted and node.kind in {"process", "folded"}}
    for edge in trace.edges:
        if edge.kind in {"started", "injected"} and edge.source in active:
            active.add(edge.target)
    return active


def _on_hosts(edge: Edge, source: Node, target: Node, active: set[str]) -> Iterator[_Finding]:
    for node in (source, target):
        if node.host and node.id in active:
            yield _CONFIRMED, Entity(kind="host", value=node.host), "impact.ran", edge.evidence
        elif node.host and node.alerted:
            yield _CONFIRMED, Entity(kind="host", value=node.host), "impact.alerted", edge.evidence


def _changed(edge: Edge, source: Node, target: Node, active: set[str]) -> Iterator[_Finding]:
    kind = _KINDS.get(target.details.get("kind", "") if target.kind == "folded" else target.kind)
    if edge.kind in _CHANGED and kind and (source.id in active or target.alerted or edge.techniques):
        value = named(target.label) if kind == "account" else target.details.get("path", target.label)
        value += f" ({target.count})" if target.count > 1 else ""
        yield _CONFIRMED, Entity(kind=kind, value=value), "impact.changed", edge.evidence


def _identities(edge: Edge, source: Node, target: Node, active: set[str]) -> Iterator[_Finding]:
    if edge.kind == "used" and source.kind == target.kind == "user":
        yield _CONFIRMED, Entity(kind="account", value=named(target.label)), "impact.acted", edge.evidence
    for node, other in ((source, target), (target, source)):
        account = named(node.details.get("user", node.label))
        real = node.kind in {"user", "logon"} and account not in _STANDING and not account.endswith("$")
        if real and edge.kind in _USED and (other.id in active or node.alerted or edge.techniques):
            yield _CONFIRMED, Entity(kind="account", value=account), "impact.acted", edge.evidence


def _beyond(edge: Edge, source: Node, target: Node, active: set[str]) -> Iterator[_Finding]:
    """Yield other hosts that the attack's processes or hosts reached."""
    if edge.kind == "went-on" and target.host:
        ours = source.kind != "host" or source.alerted or target.alerted or edge.techniques
        bound = _CONFIRMED if ours else _PROBABLE
        yield bound, Entity(kind="host", value=target.host), "impact.logged-on", edge.evidence
        yield bound, Entity(kind="account", value=named(target.details.get("user", target.label))), "impact.acted", edge.evidence
    if edge.kind == "logged-on" and source.kind == "host" and target.host and target.host != source.host:
        yield _PROBABLE, Entity(kind="host", value=target.host), "impact.logged-on", edge.evidence
    if edge.kind == "connected" and source.id in active and target.kind == "host" and target.host != source.host:
        yield _POSSIBLE, Entity(kind="host", value=target.host), "impact.beside", edge.evidence


def _exposed(trace: Trace, nodes: Mapping[str, Node]) -> Iterator[_Finding]:
    """Yield the accounts logged on where the attack read credentials: it may hold their secrets."""
    read: dict[str, tuple[str, ...]] = {}
    for edge in trace.edges:
        if any(technique.startswith(_CREDENTIALS) for technique in edge.techniques):
            read.setdefault(nodes[edge.target].host or nodes[edge.source].host, edge.evidence)
    for node in trace.nodes:
        account = named(node.details.get("user", ""))
        if node.host in read and account not in _STANDING and not account.endswith("$"):
            yield _PROBABLE, Entity(kind="account", value=account), "impact.exposed", read[node.host]
