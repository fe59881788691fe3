"""Cut a host off the network, all but the way for responders. Owns the suggestion."""

from collections.abc import Iterator

from watchkeeper.model.action import Action
from watchkeeper.model.asset_role import FELT_BY_ALL
from watchkeeper.model.autonomy import ActionTraits
from watchkeeper.model.entity import Entity
from watchkeeper.model.incident import Incident
from watchkeeper.model.note import Note
from watchkeeper.model.trace import Trace
from watchkeeper.response.catalogue import AssetOf, CatalogueAction, draft, needs

EXPIRY_SECONDS = 4 * 3600
"""Isolation that nobody renews ends by itself, so that a wrong one does not last the night."""


def _suggest(incident: Incident, trace: Trace, asset_of: AssetOf) -> Iterator[Action]:
    if not incident.verdict or incident.verdict.outcome != "succeeded":
        return
    for host in incident.hosts:
        ran = {node.id for node in trace.nodes if node.host == host and node.alerted and node.kind == "process"}
        evidence = tuple(dict.fromkeys(event for edge in trace.edges if edge.source in ran for event in edge.evidence))[:5]
        if not evidence:
            continue
        asset = asset_of(host)
        action = draft("isolate_host", Entity(kind="host", value=host), {"host": host}, evidence)
        action = action.model_copy(update={"expiry_seconds": EXPIRY_SECONDS, "needs": needs(asset)})
        yield _felt_by_all(action, host) if asset.role in FELT_BY_ALL else action


def _felt_by_all(action: Action, host: str) -> Action:
    note = Note(code="action.isolate_host.blast-shared", arguments={"host": host})
    return action.model_copy(update={"blast_radius": None, "blast_note": note})


TRAITS = ActionTraits(
    name="isolate_host",
    alone_from="L4",
    undoable=True,
    expiry_seconds=EXPIRY_SECONDS,
    check_seconds=60,
    openc2=("contain", "device"),
    d3fend="D3-NI",
)
isolate_host = CatalogueAction(TRAITS, _suggest)
