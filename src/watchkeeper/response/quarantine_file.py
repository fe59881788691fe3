"""Move a file that the attack wrote out of reach. Owns the suggestion."""

from collections.abc import Iterator

from watchkeeper.model.action import Action
from watchkeeper.model.autonomy import ActionTraits
from watchkeeper.model.entity import Entity
from watchkeeper.model.incident import Incident
from watchkeeper.model.trace import Trace
from watchkeeper.response.catalogue import AssetOf, CatalogueAction, acted_by_alerted, draft, needs, shown_by, touched

_RUNS = (".exe", ".dll", ".ps1", ".vbs", ".js", ".hta", ".bat", ".cmd", ".sys", ".scr", ".lnk", ".jsp", ".aspx", ".php", ".sh", ".msi")
_MOST = 5


def _suggest(_: Incident, trace: Trace, asset_of: AssetOf) -> Iterator[Action]:
    written = [node for node in touched(trace, "file") if node.label.lower().endswith(_RUNS) and acted_by_alerted(trace, node)]
    for node in written[:_MOST]:
        said = {"file": node.details.get("path", node.label), "host": node.host}
        action = draft("quarantine_file", Entity(kind="file", value=f"{node.host}:{said['file']}"), said, shown_by(trace, node))
        yield action.model_copy(update={"needs": needs(asset_of(node.host))})


TRAITS = ActionTraits(
    name="quarantine_file",
    alone_from="L3",
    undoable=True,
    expiry_seconds=None,
    check_seconds=30,
    openc2=("contain", "file"),
    d3fend="D3-FEV",
)
quarantine_file = CatalogueAction(TRAITS, _suggest)
