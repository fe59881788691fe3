"""Block an outside address at the network's edge. Owns the suggestion; addresses of the organisation's own hosts are never suggested."""

from collections.abc import Iterator

from watchkeeper.model.action import Action
from watchkeeper.model.autonomy import ActionTraits
from watchkeeper.model.entity import Entity
from watchkeeper.model.incident import Incident
from watchkeeper.model.trace import Trace
from watchkeeper.response.catalogue import AssetOf, CatalogueAction, draft, shown_by, touched

EXPIRY_SECONDS = 24 * 3600
"""A block that nobody renews ends by itself."""


def _suggest(_: Incident, trace: Trace, asset_of: AssetOf) -> Iterator[Action]:
    nodes = {node.label: node for node in touched(trace, "address")}
    for address in (entity.value for entity in trace.attackers if entity.kind == "address"):
        evidence = trace.contacts.get(address) or (shown_by(trace, nodes[address]) if address in nodes else ())
        if not evidence or asset_of(address).name != address:
            continue
        inside = _talkers(trace, address)
        said = {"address": address, "hosts": ", ".join(sorted(inside)) or "?"}
        action = draft("block_address", Entity(kind="address", value=address), said, evidence)
        yield action.model_copy(update={"blast_radius": max(len(inside), 1), "expiry_seconds": EXPIRY_SECONDS})


def _talkers(trace: Trace, address: str) -> set[str]:
    """Give the hosts of the picture that connect to an address."""
    hosts = {node.id: node.host for node in trace.nodes}
    labels = {node.id: node.label for node in trace.nodes}
    return {hosts[edge.source] for edge in trace.edges if labels.get(edge.target) == address and hosts.get(edge.source)}


TRAITS = ActionTraits(
    name="block_address",
    alone_from="L3",
    undoable=True,
    expiry_seconds=EXPIRY_SECONDS,
    check_seconds=60,
    openc2=("deny", "ipv4_net"),
    d3fend="D3-NTF",
)
block_address = CatalogueAction(TRAITS, _suggest)
