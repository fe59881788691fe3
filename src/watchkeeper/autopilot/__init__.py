"""The autopilot: the eight operations in order, and the only place where steps meet each other and the world.

What runs is imported when it is first asked for: a worker process needs a fraction of it.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from watchkeeper.autopilot.examination import Examined, examine
    from watchkeeper.autopilot.investigation import investigate
    from watchkeeper.autopilot.options import Options

__all__ = ["Examined", "Options", "examine", "investigate"]

_LATER = {
    "Examined": "watchkeeper.autopilot.examination",
    "Options": "watchkeeper.autopilot.options",
    "examine": "watchkeeper.autopilot.examination",
    "investigate": "watchkeeper.autopilot.investigation",
}


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LATER[name]), name)
