"""Facts about a session or incident that hypotheses are weighed by. Owns working them out; the weights stand in `content/hypotheses`."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from watchkeeper.model.asset import Asset
from watchkeeper.model.level import LEVELS
from watchkeeper.model.trace import Edge, Node, Trace
from watchkeeper.triage.history import Past
from watchkeeper.triage.seen import Seen

_MOST_NAMED = 4
_EVERYDAY = 0.7
"""Nats of novelty under which a fold is everyday: seen about every second hour."""

Facts = Mapping[str, tuple[str, ...]]
"""Fact name to what was found for it; a fact that was looked for and not found is empty, one that could not be looked for is absent."""

Said = Facts
"""Facts that products and events state of themselves: `stopped`, `let-through`, `refused` and `granted`, each with titles of signals."""
NOTHING_SAID: Said = MappingProxyType({})

_SCANNER = "scanner"
"""Role of a host that is there to look for weaknesses, as a person says."""
_BLOCKED_WORDS = ("blocked", "quarantine", "prevented", "denied", "remediated", "removed")
_EFFECTS = ("process", "file", "registry", "address", "domain", "service", "task", "url")


def facts(seen: Seen, asset_of: Callable[[str], Asset]) -> Facts:
    """Work out every fact; those about what happened on hosts need the trace."""
    found = _from_folds(seen) | _from_assets(seen, asset_of)
    return found | _from_trace(seen.trace) if seen.trace else found


def before(seen: Seen, past: Past) -> Facts:
    """Say whether people judged all of it harmless before: each rule with the same host and user, and never an attack."""
    covered = bool(past.harmless) and all(past.harmless) and len(past.harmless) == len(seen.folds)
    titles = tuple(fold.title for fold in seen.folds) if covered else ()
    return {"authorised-before": titles if any(past.authorised) else (), "benign-before": () if any(past.authorised) else titles}


def named(values: Iterable[str]) -> str:
    """Name a few values and count the rest."""
    every = list(dict.fromkeys(values))
    rest = len(every) - _MOST_NAMED
    return ", ".join(every[:_MOST_NAMED]) + (f" (+{rest})" if rest > 0 else "")


def _from_folds(seen: Seen) -> dict[str, tuple[str, ...]]:
    severe = [fold for fold in seen.folds if LEVELS.index(fold.level) >= LEVELS.index("high")]
    titles = tuple(fold.title for fold in seen.folds)
    return {
        "tactic": seen.tactics,
        "technique": tuple(dict.fromkeys(part for technique in seen.techniques for part in _with_parent(technique))),
        "severe-rule": tuple(fold.title for fold in severe),
        "telling-rule": tuple(fold.title for fold in seen.folds if LEVELS.index(fold.level) >= LEVELS.index("medium")),
        "critical-rule": tuple(fold.title for fold in severe if fold.level == "critical"),
        "only-mild-rules": titles if not any(LEVELS.index(fold.level) >= LEVELS.index("medium") for fold in seen.folds) else (),
        "only-everyday": titles if all(fold.novelty < _EVERYDAY for fold in seen.folds) else (),
        "one-rule": titles if len({fold.rule for fold in seen.folds}) == 1 else (),
        "several-tactics": seen.tactics if len(seen.tactics) >= 3 else (),
        "several-hosts": seen.hosts if len(seen.hosts) > 1 else (),
        "blocked": tuple(title for title in titles if any(word in title.lower() for word in _BLOCKED_WORDS)),
    }


def _from_assets(seen: Seen, asset_of: Callable[[str], Asset]) -> dict[str, tuple[str, ...]]:
    critical = tuple(host for host in seen.hosts if asset_of(host).criticality >= 4)
    told = {host: asset_of(host) for host in seen.hosts}
    scanners = tuple(host for host, asset in told.items() if not asset.learnt and asset.role == _SCANNER)
    return {"critical-asset": critical, "appointed-scanner": scanners if len(scanners) == len(told) else ()}


def _from_trace(trace: Trace) -> dict[str, tuple[str, ...]]:
    nodes = {node.id: node for node in trace.nodes}
    lineage = _lineage(trace.edges, {node.id for node in trace.nodes if node.alerted and node.kind == "process"})
    effects = [edge for edge in trace.edges if edge.source in lineage and nodes[edge.target].kind in _EFFECTS]
    moved = [edge for edge in trace.edges if _crosses(edge, nodes)]
    return {
        "effect": tuple(_labels(nodes[edge.target] for edge in effects)),
        "connection-out": tuple(_labels(nodes[edge.target] for edge in effects if nodes[edge.target].kind in ("address", "domain", "url"))),
        "moved-across-hosts": tuple(dict.fromkeys(f"{nodes[edge.source].host} → {nodes[edge.target].host}" for edge in moved)),
        "attacker-known": tuple(entity.value for entity in trace.attackers),
        "process-telemetry": tuple(_labels(node for node in trace.nodes if node.kind == "process")),
        "network-telemetry": tuple(_labels(node for node in trace.nodes if node.kind in ("address", "domain", "url"))),
        "entry-traced": (nodes[trace.entry].label,) if trace.entry in nodes else (),
    }


def _lineage(edges: Iterable[Edge], roots: set[str]) -> set[str]:
    children: dict[str, list[str]] = {}
    for edge in edges:
        children.setdefault(edge.source, []).append(edge.target)
    seen, waiting = set(roots), list(roots)
    while waiting:
        for child in children.get(waiting.pop(), ()):
            if child not in seen:
                seen.add(child)
                waiting.append(child)
    return seen


def _crosses(edge: Edge, nodes: Mapping[str, Node]) -> bool:
    source, target = nodes[edge.source], nodes[edge.target]
    return bool(source.host and target.host and source.host != target.host)


def _labels(nodes: Iterable[Node]) -> Iterable[str]:
    return dict.fromkeys(node.label for node in nodes if node.kind not in ("unknown", "folded"))


def _with_parent(technique: str) -> tuple[str, ...]:
    return (technique, technique.split(".", maxsplit=1)[0]) if "." in technique else (technique,)
