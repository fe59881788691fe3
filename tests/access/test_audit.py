"""A head that a person kept finds what even the anchor cannot: everything written anew, the anchor too."""

from datetime import UTC, datetime

from watchkeeper.access.audit import verify
from watchkeeper.model.audit import BEGINNING, Anchor, AuditEntry, Happened, Head

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def _log(*names: str) -> list[AuditEntry]:
    made: list[AuditEntry] = []
    for number, name in enumerate(names):
        last = made[-1].hash if made else BEGINNING
        made.append(AuditEntry.after(number, last, Happened(time=NOW, tenant="default", who=name, what="signed in")))
    return made


def _head(log: list[AuditEntry]) -> Head:
    return Head(number=log[-1].number, hash=log[-1].hash)


def test_a_head_that_a_person_kept_must_still_be_there() -> None:
    true, false = _log("a", "b", "c"), _log("a", "x", "c")
    anchor, kept = Anchor(held=_head(false)), _head(true[:2])
    assert verify(false, anchor).found is None
    assert verify(false, anchor, kept).found == ("rewritten", 2)
    assert verify(false[:1], Anchor(held=_head(false[:1])), kept).found == ("cut", 2)
    assert verify(true, Anchor(held=_head(true)), kept).found is None


def test_an_empty_log_needs_no_anchor_and_a_foreign_one_is_no_proof() -> None:
    assert verify([], "none").found is None
    assert verify([], "false").found == ("false anchor", 0)
    assert verify(_log("a"), "none").found == ("no anchor", 0)
    assert verify(_log("a", "b"), Anchor(held=_head(_log("a")))).found == ("added", 2)
