"""End a process that the attack runs in. Owns the suggestion; processes of the operating system are never suggested."""

from collections.abc import Iterator

from watchkeeper.model.action import Action
from watchkeeper.model.autonomy import ActionTraits
from watchkeeper.model.entity import Entity
from watchkeeper.model.incident import Incident
from watchkeeper.model.trace import Node, Trace
from watchkeeper.response.catalogue import AssetOf, CatalogueAction, draft, needs, shown_by, touched

_VITAL = frozenset({
    "system", "smss.exe", "csrss.exe", "wininit.exe", "winlogon.exe", "services.exe", "lsass.exe", "svchost.exe", "explorer.exe",
    "systemd", "init", "sshd",
})  # fmt: skip
"""Killing these takes the host or its users' desks down."""
_MOST = 5


def _suggest(_: Incident, trace: Trace, asset_of: AssetOf) -> Iterator[Action]:
    remote = {entity.value for entity in trace.attackers}
    chosen = [node for node in touched(trace, "process") if _hostile(trace, node, remote)]
    for node in chosen[:_MOST]:
        pid = node.details.get("pid", "?")
        said = {"process": node.label, "pid": pid, "host": node.host}
        action = draft("kill_process", Entity(kind="process", value=f"{node.host}:{pid} {node.label}"), said, shown_by(trace, node))
        yield action.model_copy(update={"undo": None, "needs": needs(asset_of(node.host), undoable=False)})


def _hostile(trace: Trace, node: Node, remote: set[str]) -> bool:
    if not node.alerted or node.label.lower() in _VITAL:
        return False
    labels = {other.id: other.label for other in trace.nodes}
    return any(edge.source == node.id and labels.get(edge.target) in remote for edge in trace.edges)


TRAITS = ActionTraits(
    name="kill_process",
    alone_from="L4",
    undoable=False,
    expiry_seconds=None,
    check_seconds=30,
    openc2=("stop", "process"),
    d3fend="D3-PT",
)
kill_process = CatalogueAction(TRAITS, _suggest)
