"""ATT&CK enterprise: techniques, tactics, groups, software and campaigns. What an event shows is not its business."""

from watchkeeper.attack.catalogue import Catalogue, Known
from watchkeeper.attack.tactics import TACTICS, in_usual_order, tactic, tactic_name
from watchkeeper.attack.techniques import Technique, current_id, parent, speaking, technique, version

__all__ = [
    "TACTICS", "Catalogue", "Known", "Technique", "current_id", "in_usual_order", "parent", "speaking", "tactic", "tactic_name",
    "technique", "version",
]  # fmt: skip
