"""Tell people by the platform's routes. Owns what the action is; the plan never suggests it: playbooks and people ask for it."""

from watchkeeper.model.autonomy import ActionTraits
from watchkeeper.response.catalogue import CatalogueAction, asked_for

TRAITS = ActionTraits(
    name="notify",
    alone_from="L1",
    undoable=False,
    changes_state=False,
    expiry_seconds=None,
    check_seconds=300,
    openc2=("create", "x-message"),
    d3fend="",
)
notify = CatalogueAction(TRAITS, asked_for)
