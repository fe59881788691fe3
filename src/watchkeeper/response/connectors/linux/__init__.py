"""Linux: what is done on a host over SSH, in the shell that every one has. Owns the list of its actions."""

from watchkeeper.response.connectors.linux.files import AUTOSTART, QUARANTINE
from watchkeeper.response.connectors.linux.isolation import ISOLATION
from watchkeeper.response.connectors.linux.processes import KILL
from watchkeeper.response.connectors.linux.snapshot import SNAPSHOT

WAYS = {
    "isolate_host": ISOLATION,
    "kill_process": KILL,
    "quarantine_file": QUARANTINE,
    "remove_autostart": AUTOSTART,
    "snapshot_evidence": SNAPSHOT,
}

__all__ = ["WAYS"]
