"""What was done, read from the ledger of ethics for reports and figures. Owns how much is read, and the line of an action."""

from collections.abc import Iterator

from watchkeeper.brain.ethics.ledger import Ledger
from watchkeeper.model.acted import Acted, ActionLine
from watchkeeper.model.proposal import ActionRecord, RecordsWanted

MOST = 5_000
"""Records that reports and figures are made of, the newest."""
_FEW = 5


def acted(ledger: Ledger, incident: str = "") -> Acted:
    """Give what was done for an incident, or for all.

    Raises:
        OSError: the ledger cannot be read.
    """
    with ledger.alone() as kept:
        records = kept.records(RecordsWanted(incident=incident, most=MOST))
        asked = (one.id for one in records if one.ruling.approvals)
        approvals = tuple(said for id_ in asked for said in kept.approvals(id_))
        return Acted(records=records, approvals=approvals, levels=kept.levels(), is_cut=len(records) == MOST)


def lines(found: Acted) -> Iterator[ActionLine]:
    """Yield a line for each action."""
    for record in found.records:
        yield _line(record, len({one.by for one in found.answers(record)}))


def _line(record: ActionRecord, answered: int) -> ActionLine:
    proposal = record.proposal
    return ActionLine(
        id=record.id,
        incident=proposal.incident,
        action=proposal.action,
        targets=proposal.targets[:_FEW],
        count=len(proposal.targets),
        state=record.state,
        level=record.ruling.level,
        approvals=record.ruling.approvals,
        answered=answered,
        asked_by=proposal.asked_by,
        place=record.place,
        changed=record.changed,
        deadline=record.deadline,
        done=record.done,
        expires=record.expires,
        said=record.said,
    )
