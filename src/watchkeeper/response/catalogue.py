"""CatalogueAction: what the file of one action exports. Owns the contract and the reading of a trace that actions share."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from watchkeeper.model.action import Action
from watchkeeper.model.asset import Asset
from watchkeeper.model.autonomy import ActionTraits
from watchkeeper.model.entity import Entity
from watchkeeper.model.incident import Incident
from watchkeeper.model.note import Note
from watchkeeper.model.trace import Node, NodeKind, Trace

AssetOf = Callable[[str], Asset]


@dataclass(frozen=True, slots=True)
class CatalogueAction:
    """One action of the catalogue."""

    traits: ActionTraits
    """What it is, whatever it acts on; its name is the stem of its file."""
    suggest: Callable[[Incident, Trace, AssetOf], Iterator[Action]]
    """Yield the action for each target the trace gives reason for; a target it must not touch comes with what it `needs`."""

    @property
    def name(self) -> str:
        """Name in the catalogue."""
        return self.traits.name


def asked_for(_: Incident, _trace: Trace, _asset_of: AssetOf) -> Iterator[Action]:
    """Suggest nothing: no trace alone gives reason for it; playbooks and people ask for such an action."""
    return iter(())


def draft(name: str, target: Entity, said: dict[str, str], evidence: tuple[str, ...]) -> Action:
    """Draft an action in the lexicon's words for it; by default one host feels it, it can be undone, and it lasts until undone."""

    def note(part: str) -> Note:
        return Note(code=f"action.{name}.{part}", arguments=said)

    return Action(
        name=name,
        target=target,
        why=(note("why"),),
        evidence=evidence,
        do=note("do"),
        undo=note("undo"),
        check=note("check"),
        blast_radius=1,
        blast_note=note("blast"),
        expiry_seconds=None,
        needs=(),
        priority=0,
    )


def shown_by(trace: Trace, node: Node) -> tuple[str, ...]:
    """Give ids of the events that show a node, in time order, a few at most."""
    edges = (edge for edge in trace.edges if node.id in (edge.source, edge.target))
    return tuple(dict.fromkeys(event for edge in edges for event in edge.evidence))[:5]


def touched(trace: Trace, kind: NodeKind) -> Iterator[Node]:
    """Yield nodes of a kind that events show."""
    yield from (node for node in trace.nodes if node.kind == kind and shown_by(trace, node))


def acted_by_alerted(trace: Trace, node: Node) -> bool:
    """Say whether a process that signals fired on acted on the node."""
    alerted = {other.id for other in trace.nodes if other.alerted and other.kind == "process"}
    return any(edge.target == node.id and edge.source in alerted for edge in trace.edges)


def needs(asset: Asset, *, undoable: bool = True) -> tuple[Note, ...]:
    """Say which approvals an action on an asset needs."""
    found: list[Note] = []
    if asset.protected:
        found.append(Note(code="action.needs.two-people", arguments={"asset": asset.name}))
    elif asset.criticality >= 4:
        found.append(Note(code="action.needs.owner", arguments={"asset": asset.name, "owner": asset.owner or "?"}))
    if not undoable:
        found.append(Note(code="action.needs.no-undo"))
    return tuple(found)
