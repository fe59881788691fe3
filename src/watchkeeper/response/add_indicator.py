"""Put values on a list that others fetch. Owns what the action is; the plan never suggests it: playbooks and people ask for it."""

from watchkeeper.model.autonomy import ActionTraits
from watchkeeper.response.catalogue import CatalogueAction, asked_for

TRAITS = ActionTraits(
    name="add_indicator",
    alone_from="L3",
    undoable=True,
    expiry_seconds=7 * 24 * 3600,
    check_seconds=60,
    openc2=("deny", "x-indicator"),
    d3fend="",
)
add_indicator = CatalogueAction(TRAITS, asked_for)
