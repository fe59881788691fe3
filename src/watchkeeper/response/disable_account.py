"""Disable an account that the attacker used or made. Owns the suggestion; built-in accounts are never suggested."""

from collections.abc import Iterator

from watchkeeper.model.action import Action
from watchkeeper.model.autonomy import ActionTraits
from watchkeeper.model.entity import Entity
from watchkeeper.model.incident import Incident
from watchkeeper.model.trace import Node, Trace
from watchkeeper.response.catalogue import AssetOf, CatalogueAction, draft, needs, shown_by, touched

EXPIRY_SECONDS = 24 * 3600
_BUILT_IN = frozenset({"system", "local service", "network service", "anonymous logon", "root", "nobody", "www-data", "administrator"})


def misused(trace: Trace) -> Iterator[tuple[Node, str]]:
    """Yield accounts that the attacker used or made, with their names; built-in accounts and those of machines are left out."""
    attackers = {entity.value.lower() for entity in trace.attackers if entity.kind in ("user", "account")}
    for node in touched(trace, "user"):
        name = node.label.lower().rpartition("\\")[2]
        if name not in _BUILT_IN and not name.endswith("$") and (node.alerted or name in attackers):
            yield node, name


def _suggest(_: Incident, trace: Trace, asset_of: AssetOf) -> Iterator[Action]:
    for node, name in misused(trace):
        action = draft("disable_account", Entity(kind="user", value=name), {"user": node.label}, shown_by(trace, node))
        yield action.model_copy(update={"expiry_seconds": EXPIRY_SECONDS, "needs": needs(asset_of(name))})


TRAITS = ActionTraits(
    name="disable_account",
    alone_from="L4",
    undoable=True,
    expiry_seconds=EXPIRY_SECONDS,
    check_seconds=60,
    openc2=("deny", "x-watchkeeper:account"),
    d3fend="D3-AL",
)
disable_account = CatalogueAction(TRAITS, _suggest)
