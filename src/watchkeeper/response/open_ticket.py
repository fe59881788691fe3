"""Hand an incident over as a ticket. Owns what the action is; the plan never suggests it: playbooks and people ask for it."""

from watchkeeper.model.autonomy import ActionTraits
from watchkeeper.response.catalogue import CatalogueAction, asked_for

TRAITS = ActionTraits(
    name="open_ticket",
    alone_from="L1",
    undoable=False,
    changes_state=False,
    expiry_seconds=None,
    check_seconds=120,
    openc2=("create", "x-ticket"),
    d3fend="",
)
open_ticket = CatalogueAction(TRAITS, asked_for)
