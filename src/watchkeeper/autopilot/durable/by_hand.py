"""What people had done by hand: no flow looks at it again, so it is looked at from here at the end of the window that its effect has."""

from datetime import timedelta

from watchkeeper.autopilot.durable.hands import Hands
from watchkeeper.brain.ethics.acting import look
from watchkeeper.brain.ethics.looking import window_of

_BACK = timedelta(hours=1)
"""What was done longer ago is not looked at any more: its effect showed when nobody was there to look."""
_MOST = 1_000
_DONE = frozenset({"in-force", "verified"})


class ByHand:
    """Looks once at each action that a person asked for, at its place and in the events, and reads each record once."""

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
        before = self._looked.get(tenant, frozenset())
        with ledger.alone() as kept:
            over = {one.id for one in kept.begun(now - _BACK, _MOST) if now >= one.time + window_of(one.action, about)}
            fresh = [record for id_ in over - before if (record := kept.record(id_))]
        self._looked[tenant] = frozenset(over.difference(record.id for record in fresh if record.state == "doing"))
        for record in fresh:
            if record.proposal.is_by_hand and record.state in _DONE:
                look(ledger, record.id, about, self._hands.telemetry_of(record))
