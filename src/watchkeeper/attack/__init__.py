"""ATT&CK enterprise: ids, names, tactics and successors of techniques. What an event shows is not its business."""

from watchkeeper.attack.tactics import TACTICS, in_usual_order, tactic, tactic_name
from watchkeeper.attack.techniques import Technique, current_id, parent, technique, version

__all__ = ["TACTICS", "Technique", "current_id", "in_usual_order", "parent", "tactic", "tactic_name", "technique", "version"]
