"""Recorded attacks: how much of what the attacker typed is in the first incident's graph, whether the entry is right, and the hosts.

Truth is `bench/truth/` (`truth.py`). A step is in the graph if one of its events is evidence of an edge. How the entry is judged:
`tied`: an edge at the entry cites an event of the earliest logged step; `said`: the foothold was there before the record began and the
product says so. Counted apart: `earlier`: the product names an ancestor of the earliest step and says that the entry lies before the
record; `first`: the foothold was there before, the product names the earliest logged step and does not say so.
"""

from dataclasses import asdict, dataclass
from typing import Any

from tracing_case import Case, Place, Told, citing, drawn, leads, share, short
from truth import Step, Truth

MOST_NODES = 50
BEFORE = frozenset({"trace.entry-before"})
"""Notes on the entry that say it lies before the record."""
RIGHT = frozenset({"tied", "said"})
APART = frozenset({"earlier", "first"})


@dataclass(frozen=True)
class Traced:
    """How one set was traced."""

    name: str
    held_out: bool
    logged: int
    in_graph: int
    followed: int
    """Logged steps with an event that the graph or the trace's list of events holds."""
    nodes: int
    entry: str
    entry_node: str
    entry_note: str
    moves: int
    moves_right: int
    missing: tuple[str, ...]
    """Logged steps that are not in the graph."""
    seconds: float

    @property
    def line(self) -> str:
        """What a person reads of it."""
        moves = f"  moves {self.moves_right}/{self.moves}" if self.moves else ""
        return (
            f"{self.in_graph:2}/{self.logged:2} steps ({self.followed} followed)  {self.nodes:2} nodes  entry {self.entry:7} "
            f"{self.entry_node!r} {self.entry_note}{moves}" + (f"  missing {list(self.missing)}" if self.missing else "")
        )


def traced(truth: Truth, case: Case, *, held_out: bool) -> Traced:
    """Score one set with logged steps."""
    trace = case.trace or {"nodes": [], "edges": [], "events": [], "entry": None, "entry_note": {"code": "-"}}
    graph = case.stand(drawn(trace))
    wide = graph | case.stand(trace["events"])
    missing = [step for step in truth.logged if not places(step) & graph]
    named = {node["id"]: node for node in trace["nodes"]}.get(trace["entry"], {"kind": "-", "label": "-"})
    return Traced(
        name=truth.name,
        held_out=held_out,
        logged=len(truth.logged),
        in_graph=len(truth.logged) - len(missing),
        followed=sum(bool(places(step) & wide) for step in truth.logged),
        nodes=len(trace["nodes"]),
        entry=entry(truth, case, trace),
        entry_node=f"{named['kind']} {named['label']}",
        entry_note=trace["entry_note"]["code"],
        moves=len(truth.lateral),
        moves_right=sum(moved(short(move.from_), short(move.to), case, trace) for move in truth.lateral),
        missing=tuple(step.command[:40] for step in missing),
        seconds=case.seconds,
    )


def places(step: Step) -> set[Place]:
    """Give where the events of a step stand."""
    return {(event.file, event.row) for event in step.events}


def entry(truth: Truth, case: Case, trace: Told) -> str:
    """Judge the entry: `tied`, `said`, `earlier`, `first`, `wrong`, or `none` where nothing was traced."""
    if trace["entry"] is None:
        return "none"
    at = trace["entry"]
    edges = citing(case, trace, places(truth.logged[0]))
    tied = any(at in {edge["source"], edge["target"]} for edge in edges)
    says = trace["entry_note"]["code"] in BEFORE
    if truth.entry == "before":
        return "said" if says else "first" if tied else "wrong"
    if tied:
        return "tied"
    return "earlier" if says and leads(trace, at, {edge["source"] for edge in edges} | {edge["target"] for edge in edges}) else "wrong"


def moved(source: str, target: str, case: Case, trace: Told) -> bool:
    """Say whether both hosts are the incident's, and an edge joins them."""
    first = case.first
    if first is None or not {source, target} <= {short(host) for host in first["hosts"]}:
        return False
    on = {node["id"]: _host(node, case) for node in trace["nodes"]}
    return any({on[edge["source"]], on[edge["target"]]} == {source, target} for edge in trace["edges"])


def _host(node: Told, case: Case) -> str:
    if node["kind"] == "host":
        return short(node["label"])
    return short(node["host"]) or case.addresses.get(node["label"], "")


def figures(found: list[Traced]) -> dict[str, Any]:
    """Give the figures of the exam over these sets."""
    moving = [one for one in found if one.moves]
    return {
        "sets": len(found),
        "steps": share(sum(one.in_graph for one in found), sum(one.logged for one in found)),
        "steps_followed": share(sum(one.followed for one in found), sum(one.logged for one in found)),
        "sets_with_80_percent_of_steps": share(sum(one.in_graph >= 0.8 * one.logged for one in found), len(found)),
        "at_most_50_nodes": share(sum(one.nodes <= MOST_NODES for one in found), len(found)),
        "entry_right": share(sum(one.entry in RIGHT for one in found), len(found)),
        "entry_counted_apart": share(sum(one.entry in APART for one in found), len(found)),
        "entries": {kind: sum(one.entry == kind for one in found) for kind in ("tied", "said", "earlier", "first", "wrong", "none")},
        "lateral_right": share(sum(one.moves_right == one.moves for one in moving), len(moving)),
    }


def plain(one: Traced) -> dict[str, Any]:
    """Give one set's figures for machines."""
    return asdict(one)
