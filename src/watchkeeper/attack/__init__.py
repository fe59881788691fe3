"""ATT&CK enterprise: ids, names, tactics and successors of techniques. What an event shows is not its business."""

from watchkeeper.attack.tactics import TACTICS, tactic, tactic_name
from watchkeeper.attack.techniques import Technique, current_id, parent, technique, version

__all__ = ["TACTICS", "Technique", "current_id", "parent", "tactic", "tactic_name", "technique", "version"]
