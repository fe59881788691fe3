"""What was done is read from the ledger as it stands: records, people's words on them as they are, and levels."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from watchkeeper.autopilot.acted import acted, lines
from watchkeeper.model.audit import Happened
from watchkeeper.model.entity import Entity
from watchkeeper.model.proposal import ActionRecord, Approval
from watchkeeper.store import open_store
from watchkeeper.store.people import open_people

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def _happened(what: str) -> Happened:
    return Happened(time=NOON, tenant="default", who="ann", what=what)


def test_records_come_with_their_answers_and_one_incident_alone_if_asked(tmp_path: Path, recorded: Callable[..., ActionRecord]) -> None:
    store = open_store(tmp_path)
    ledger = store.ledger(open_people(store.database, tmp_path).audit)
    many = tuple(Entity(kind="address", value=f"203.0.113.{at}") for at in range(1, 9))
    asked = recorded(targets=many, ruling={"outcome": "ask", "level": "L2", "approvals": 2, "why": ()})
    word = Approval(proposal=asked.id, digest=asked.proposal.digest, by="ann", agrees=True, way="link", time=NOON)
    with ledger.alone() as kept:
        kept.put(asked, _happened("action proposed"))
        kept.put(recorded(incident="i2"), _happened("action proposed"))
        kept.put_approval(word, _happened("action approved"))
    found = acted(ledger)
    one = next(line for line in lines(found) if line.id == asked.id)
    assert (len(found.records), one.count, len(one.targets), one.approvals, one.answered) == (2, 8, 5, 2, 1)
    assert [record.proposal.incident for record in acted(ledger, "i2").records] == ["i2"]
    assert (
        acted(ledger).of("i1").answers(asked.model_copy(update={"proposal": asked.proposal.model_copy(update={"confidence": 0.1})})) == ()
    )
    store.close()
