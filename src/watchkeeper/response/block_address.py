"""Block an outside address at the network's edge. Owns the suggestion; addresses of the organisation's own hosts are never suggested."""

from collections.abc import Iterator

from watchkeeper.model.action import Action
from watchkeeper.model.entity import Entity
from watchkeeper.model.incident import Incident
from watchkeeper.model.trace import Trace
from watchkeeper.response.suggestion import AssetOf, Suggestion, draft, shown_by, touched

EXPIRY_SECONDS = 24 * 3600
"""A block that nobody renews ends by itself."""


def _suggest(_: Incident, trace: Trace, asset_of: AssetOf) -> Iterator[Action]:
    attackers = {entity.value for entity in trace.attackers if entity.kind == "address"}
    talkers = {node.label: {edge.source for edge in trace.edges if edge.target == node.id} for node in touched(trace, "address")}
    hosts = {node.id: node.host for node in trace.nodes}
    for node in touched(trace, "address"):
        address = node.label
        if address not in attackers or asset_of(address).name != address:
            continue
        inside = {hosts[source] for source in talkers[address] if hosts.get(source)}
        said = {"address": address, "hosts": ", ".join(sorted(inside)) or "?"}
        action = draft("block_address", Entity(kind="address", value=address), said, shown_by(trace, node))
        yield action.model_copy(update={"blast_radius": max(len(inside), 1), "expiry_seconds": EXPIRY_SECONDS})


block_address = Suggestion("block_address", _suggest)
