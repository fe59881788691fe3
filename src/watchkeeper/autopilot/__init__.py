"""The autopilot: the eight operations in order, and the only place where steps meet each other and the world."""

from watchkeeper.autopilot.examination import Examined, examine
from watchkeeper.autopilot.investigation import investigate
from watchkeeper.autopilot.options import Options

__all__ = ["Examined", "Options", "examine", "investigate"]
