"""Remove what would start the attack again: a service, task or registry value it made. Owns the suggestion."""

from collections.abc import Iterator

from watchkeeper.model.action import Action
from watchkeeper.model.autonomy import ActionTraits
from watchkeeper.model.entity import Entity, EntityKind
from watchkeeper.model.incident import Incident
from watchkeeper.model.trace import Node, NodeKind, Trace
from watchkeeper.response.catalogue import AssetOf, CatalogueAction, draft, needs, shown_by, touched

_KINDS: tuple[tuple[NodeKind, EntityKind], ...] = (("service", "service"), ("task", "task"), ("registry", "registry"))
_STARTS = ("\\run\\", "\\runonce\\", "\\services\\", "\\winlogon\\", "image file execution options", "userinitmprlogonscript")
_MOST = 5


def _suggest(_: Incident, trace: Trace, asset_of: AssetOf) -> Iterator[Action]:
    made: list[tuple[Node, EntityKind]] = [
        (node, kind) for node_kind, kind in _KINDS for node in touched(trace, node_kind) if _starts_something(node)
    ]
    for node, kind in made[:_MOST]:
        said = {"name": node.details.get("path", node.label), "host": node.host}
        action = draft("remove_autostart", Entity(kind=kind, value=f"{node.host}:{said['name']}"), said, shown_by(trace, node))
        yield action.model_copy(update={"needs": needs(asset_of(node.host))})


def _starts_something(node: Node) -> bool:
    if not node.alerted:
        return False
    return node.kind != "registry" or any(part in node.details.get("path", node.label).lower() for part in _STARTS)


TRAITS = ActionTraits(
    name="remove_autostart",
    alone_from="L4",
    undoable=True,
    expiry_seconds=None,
    check_seconds=30,
    openc2=("delete", "x-autostart"),
    d3fend="D3-OE",
)
remove_autostart = CatalogueAction(TRAITS, _suggest)
