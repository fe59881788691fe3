"""The autopilot: the eight operations in order, and the only place where steps meet each other and the world."""

from watchkeeper.autopilot.examination import Examined, Options, examine
from watchkeeper.autopilot.investigation import investigate

__all__ = ["Examined", "Options", "examine", "investigate"]
