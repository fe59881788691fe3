"""Have the resolvers refuse a name that the attack asks for. Owns the suggestion, never of a name that everybody uses."""

from collections.abc import Iterator

from watchkeeper.model.action import Action
from watchkeeper.model.autonomy import ActionTraits
from watchkeeper.model.entity import Entity
from watchkeeper.model.incident import Incident
from watchkeeper.model.trace import Trace
from watchkeeper.response.catalogue import AssetOf, CatalogueAction, draft, shown_by, touched
from watchkeeper.response.connectors.domain_zone import canonical

EXPIRY_SECONDS = 24 * 3600
"""A block that nobody renews ends by itself."""


def _suggest(_: Incident, trace: Trace, asset_of: AssetOf) -> Iterator[Action]:
    nodes = {node.label.lower(): node for node in touched(trace, "domain")}
    for value in dict.fromkeys(entity.value.lower() for entity in trace.attackers if entity.kind == "domain"):
        node = nodes.get(value)
        if node is None or asset_of(value).name != value or not _can_be_refused(value):
            continue
        asking = {
            other.host for other in trace.nodes for edge in trace.edges if edge.source == other.id and edge.target == node.id and other.host
        }
        said = {"domain": value, "hosts": ", ".join(sorted(asking)) or "?"}
        action = draft("block_domain", Entity(kind="domain", value=value), said, shown_by(trace, node))
        yield action.model_copy(update={"blast_radius": max(len(asking), 1), "expiry_seconds": EXPIRY_SECONDS})


def _can_be_refused(name: str) -> bool:
    try:
        canonical(name)
    except ValueError:
        return False
    return True


TRAITS = ActionTraits(
    name="block_domain",
    alone_from="L3",
    undoable=True,
    expiry_seconds=EXPIRY_SECONDS,
    check_seconds=60,
    openc2=("deny", "domain_name"),
    d3fend="D3-DNSDL",
)
block_domain = CatalogueAction(TRAITS, _suggest)
