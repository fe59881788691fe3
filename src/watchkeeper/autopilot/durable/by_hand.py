"""What people had done by hand: no flow looks at it again, so it is looked at from here at the end of the window that its effect has."""

from datetime import datetime, timedelta

from watchkeeper.autopilot.durable.hands import Hands
from watchkeeper.brain.ethics.acting import look
from watchkeeper.brain.ethics.circumstances import Circumstances
from watchkeeper.brain.ethics.ledger import RecordsWanted
from watchkeeper.model.proposal import ActionRecord

_BACK = timedelta(hours=1)
"""What was done longer ago is not looked at any more: its effect showed when nobody was there to look."""
_MOST = 1_000


class ByHand:
    """Looks once at each action that a person asked for, at its place and in the events."""

    def __init__(self, hands: Hands) -> None:
        """Take what to ask."""
        self._hands = hands
        self._looked: dict[str, frozenset[str]] = {}

    def look(self, tenant: str) -> None:
        """Look at what is due in a tenant.

        Raises:
            OSError: what was kept cannot be read or written.
        """
        ledger, about, now = self._hands.ledger_of(tenant), self._hands.about_of(tenant), self._hands.clock()
        with ledger.alone() as kept:
            found = kept.records(RecordsWanted(states=("in-force", "verified"), done_since=now - _BACK, most=_MOST))
        before = self._looked.get(tenant, frozenset())
        over = [record for record in found if record.proposal.is_by_hand and _is_over(record, about, now)]
        self._looked[tenant] = frozenset(record.id for record in over)
        for record in over:
            if record.id not in before:
                look(ledger, record.id, about, self._hands.telemetry_of(record))


def _is_over(record: ActionRecord, about: Circumstances, now: datetime) -> bool:
    traits = about.traits_of(record.proposal.action)
    window = timedelta(seconds=traits.check_seconds if traits else 0)
    return record.done is not None and now >= record.done + window
