"""Links of the attack graph: what one thing did to another, and what hangs on a thing alone. Owns the joining; drawing is `graph_svg`'s."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from watchkeeper.model.trace import Edge, Node, Trace
from watchkeeper.reporting.cited import OF_AN_EDGE, Cited, Row
from watchkeeper.reporting.graph_layers import neighbours


@dataclass(frozen=True, slots=True)
class Link:
    """Everything that one thing did to another, drawn as one line."""

    source: Node
    target: Node
    edges: tuple[Edge, ...]
    """In time order; never empty."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One edge with the events that are shown for it."""

    edge: Edge
    rows: tuple[Row, ...]
    """Rows of the evidence table, the earliest of the edge's events first."""
    more: int
    """Events of it that have no row."""


def links(trace: Trace) -> tuple[Link, ...]:
    """Join the edges that lead from one node to the same other one, in the order of their first edge."""
    known = {node.id: node for node in trace.nodes}
    pairs: dict[tuple[str, str], list[Edge]] = {}
    for edge in trace.edges:
        if edge.source in known and edge.target in known:
            pairs.setdefault((edge.source, edge.target), []).append(edge)
    return tuple(Link(known[source], known[target], tuple(edges)) for (source, target), edges in pairs.items())


def with_rows(edge: Edge, cited: Cited) -> Shown:
    """Give an edge with the rows of its first events."""
    keys = [key for key in edge.evidence[:OF_AN_EDGE] if key in cited.numbers]
    return Shown(edge, tuple(cited.rows[cited.numbers[key] - 1] for key in keys), len(edge.evidence) - len(keys))


def hanging(ids: Sequence[str], pairs: Sequence[tuple[str, str]], entry: str | None) -> Mapping[str, tuple[str, ...]]:
    """Give, for each thing, what can be reached through it alone: what is folded away with it, in the order of `ids`.

    Everything is reached from the entry and from things that nothing leads to.
    """
    following = neighbours(ids, pairs)
    led_to = {target for source, target in pairs if source != target}
    roots = [key for key in ids if key == entry or key not in led_to]
    whole = _reached(roots, following, None)
    found: dict[str, tuple[str, ...]] = {}
    for key in ids:
        without = _reached([root for root in roots if root != key], following, key)
        alone = tuple(other for other in ids if other in whole and other not in without and other != key)
        if alone:
            found[key] = alone
    return found


def _reached(roots: Sequence[str], following: Mapping[str, Sequence[str]], avoiding: str | None) -> set[str]:
    seen = set(roots)
    waiting = list(roots)
    while waiting:
        for after in following[waiting.pop()]:
            if after not in seen and after != avoiding:
                seen.add(after)
                waiting.append(after)
    return seen
