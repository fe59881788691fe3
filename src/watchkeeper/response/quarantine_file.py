"""Move a file that the attack wrote out of reach. Owns the suggestion."""

from collections.abc import Iterator

from watchkeeper.model.action import Action
from watchkeeper.model.entity import Entity
from watchkeeper.model.incident import Incident
from watchkeeper.model.trace import Trace
from watchkeeper.response.suggestion import AssetOf, Suggestion, acted_by_alerted, draft, needs, shown_by, touched

_RUNS = (".exe", ".dll", ".ps1", ".vbs", ".js", ".hta", ".bat", ".cmd", ".sys", ".scr", ".lnk", ".jsp", ".aspx", ".php", ".sh", ".msi")
_MOST = 5


def _suggest(_: Incident, trace: Trace, asset_of: AssetOf) -> Iterator[Action]:
    written = [node for node in touched(trace, "file") if node.label.lower().endswith(_RUNS) and acted_by_alerted(trace, node)]
    for node in written[:_MOST]:
        said = {"file": node.details.get("path", node.label), "host": node.host}
        action = draft("quarantine_file", Entity(kind="file", value=f"{node.host}:{said['file']}"), said, shown_by(trace, node))
        yield action.model_copy(update={"needs": needs(asset_of(node.host))})


quarantine_file = Suggestion("quarantine_file", _suggest)
