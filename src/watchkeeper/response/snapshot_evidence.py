"""Secure memory, disk and logs of a host before anything changes it. Owns the suggestion."""

from collections.abc import Iterator

from watchkeeper.model.action import Action
from watchkeeper.model.autonomy import ActionTraits
from watchkeeper.model.entity import Entity
from watchkeeper.model.incident import Incident
from watchkeeper.model.trace import Trace
from watchkeeper.response.catalogue import AssetOf, CatalogueAction, draft


def _suggest(incident: Incident, trace: Trace, asset_of: AssetOf) -> Iterator[Action]:
    for host in incident.hosts:
        nodes = {node.id for node in trace.nodes if node.host == host and node.alerted}
        evidence = tuple(dict.fromkeys(e for edge in trace.edges if nodes & {edge.source, edge.target} for e in edge.evidence))[:5]
        if evidence:
            action = draft("snapshot_evidence", Entity(kind="host", value=asset_of(host).name), {"host": host}, evidence)
            yield action.model_copy(update={"blast_radius": 0})


TRAITS = ActionTraits(
    name="snapshot_evidence",
    alone_from="L2",
    undoable=False,
    changes_state=False,
    expiry_seconds=None,
    check_seconds=60,
    openc2=("copy", "device"),
    d3fend="",
)
snapshot_evidence = CatalogueAction(TRAITS, _suggest)
