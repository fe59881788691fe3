"""What came through the doors, as this process says of itself. Owns translating the doors' counts; counting is the doors'."""

from watchkeeper.ingest.listeners.counts import Counts, Kind
from watchkeeper.server.vitals import Pulse

_PLAIN: dict[Kind, str] = {
    "records": "events_accepted", "bytes": "bytes_accepted", "malformed": "events_malformed", "cut": "events_cut",
    "dropped": "events_dropped",
}  # fmt: skip
_REFUSED: dict[Kind, str] = {"refused": "full", "unknown": "unknown", "turned_away": "turned-away"}


class DoorFigures:
    """Follows the counts of doors."""

    def __init__(self, counts: Counts, pulse: Pulse) -> None:
        """Take what is counted, and who says so."""
        self._counts = counts
        self._pulse = pulse
        self._known: dict[tuple[str, str], int] = {}

    def note(self) -> None:
        """Say what has been counted by now, and which senders were heard since the last time."""
        sums: dict[tuple[str, str], int] = {}
        for one in list(self._counts):
            sums[one.door, one.kind] = sums.get((one.door, one.kind), 0) + one.number
            if one.kind == "records" and one.sender:
                self._heard(one.door, one.sender, one.number)
        for (door, kind), number in sums.items():
            self._say(door, kind, number)

    def _heard(self, door: str, sender: str, number: int) -> None:
        more = number - self._known.get((door, sender), 0)
        if more:
            self._known[door, sender] = number
            self._pulse.heard(sender, more)

    def _say(self, door: str, kind: str, number: int) -> None:
        plain = next((name for one, name in _PLAIN.items() if one == kind), "")
        reason = next((name for one, name in _REFUSED.items() if one == kind), "")
        if plain:
            self._pulse.set(plain, number, listener=door)
        elif reason:
            self._pulse.set("events_refused", number, listener=door, reason=reason)
