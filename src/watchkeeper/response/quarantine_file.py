"""Move a file that the attack wrote out of reach. Owns the suggestion."""

from collections.abc import Iterator

from watchkeeper.model.action import Action
from watchkeeper.model.entity import Entity
from watchkeeper.model.incident import Incident
from watchkeeper.model.note import Note
from watchkeeper.model.trace import Trace
from watchkeeper.response.suggestion import AssetOf, Suggestion, acted_by_alerted, needs, shown_by, touched

_RUNS = (".exe", ".dll", ".ps1", ".vbs", ".js", ".hta", ".bat", ".cmd", ".sys", ".scr", ".lnk", ".jsp", ".aspx", ".php", ".sh", ".msi")
_MOST = 5


def _suggest(_: Incident, trace: Trace, asset_of: AssetOf) -> Iterator[Action]:
    written = [node for node in touched(trace, "file") if node.label.lower().endswith(_RUNS) and acted_by_alerted(trace, node)]
    for node in written[:_MOST]:
        said = {"file": node.details.get("path", node.label), "host": node.host}
        yield Action(
            name=quarantine_file.name,
            target=Entity(kind="file", value=f"{node.host}:{said['file']}"),
            why=(Note(code="action.quarantine_file.why", arguments=said),),
            evidence=shown_by(trace, node),
            do=Note(code="action.quarantine_file.do", arguments=said),
            undo=Note(code="action.quarantine_file.undo", arguments=said),
            check=Note(code="action.quarantine_file.check", arguments=said),
            blast_radius=1,
            blast_note=Note(code="action.quarantine_file.blast", arguments=said),
            expiry_seconds=None,
            needs=needs(asset_of(node.host)),
            priority=5,
        )


quarantine_file = Suggestion("quarantine_file", _suggest)
