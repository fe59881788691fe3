"""Windows: what is done on a host over SSH, in the PowerShell that every one has. Owns the list of its actions."""

from watchkeeper.response.connectors.windows.files import QUARANTINE
from watchkeeper.response.connectors.windows.isolation import ISOLATION
from watchkeeper.response.connectors.windows.processes import KILL

WAYS = {"isolate_host": ISOLATION, "kill_process": KILL, "quarantine_file": QUARANTINE}

__all__ = ["WAYS"]
