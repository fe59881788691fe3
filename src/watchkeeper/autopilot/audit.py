"""Whether the audit log is whole. Owns reading it with its signed head; the comparison stands in `access`."""

from datetime import datetime

from watchkeeper.access.audit import Checked, verify
from watchkeeper.model.audit import Happened, Head
from watchkeeper.model.principal import Principal
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


def accept_log(log: AuditLog, why: str, who: Principal, now: datetime) -> Head:
    """Take the log as it is now for whole, because a person found out why it is not; that they did is told in it.

    Raises:
        ValueError: there is no reason.
        OSError: it cannot be written.
    """
    if not why.strip():
        raise ValueError("say why the log is otherwise (--why); it is told in the log itself")
    before = log.head()
    log.anchor.renew(before)
    entry = log.record(Happened.by(who, now, "audit log accepted", f"{before.number}:{before.hash}", why))
    return Head(number=entry.number, hash=entry.hash)
