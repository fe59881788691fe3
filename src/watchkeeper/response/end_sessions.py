"""End the sessions of an account that the attacker used or made: disabling it alone ends none. Owns the suggestion."""

from collections.abc import Iterator

from watchkeeper.model.action import Action
from watchkeeper.model.autonomy import ActionTraits
from watchkeeper.model.entity import Entity
from watchkeeper.model.incident import Incident
from watchkeeper.model.trace import Trace
from watchkeeper.response.catalogue import AssetOf, CatalogueAction, draft, needs, shown_by
from watchkeeper.response.disable_account import misused


def _suggest(_: Incident, trace: Trace, asset_of: AssetOf) -> Iterator[Action]:
    for node, name in misused(trace):
        action = draft("end_sessions", Entity(kind="user", value=name), {"user": node.label}, shown_by(trace, node))
        yield action.model_copy(update={"undo": None, "needs": needs(asset_of(name), undoable=False)})


TRAITS = ActionTraits(
    name="end_sessions",
    alone_from="L4",
    undoable=False,
    expiry_seconds=None,
    check_seconds=300,
    openc2=("stop", "x-watchkeeper:session"),
    d3fend="D3-ST",
)
end_sessions = CatalogueAction(TRAITS, _suggest)
