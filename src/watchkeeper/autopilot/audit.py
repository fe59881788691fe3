"""Whether the audit log is whole. Owns reading it with its signed head; the comparison stands in `access`."""

from watchkeeper.access.audit import Checked, verify
from watchkeeper.model.audit import Head
from watchkeeper.store.audit import AuditLog


def verify_log(log: AuditLog, kept: Head | None = None) -> Checked:
    """Go through the whole log and say where it first is not what it was.

    Args:
        log: where it is kept.
        kept: a head that a person kept.

    Raises:
        OSError: it cannot be read.
    """
    try:
        anchor = log.anchor.read() or "none"
    except ValueError:
        anchor = "false"
    return verify(log.entries(), anchor, kept)
