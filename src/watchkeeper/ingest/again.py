"""What was sent before: records that come again under their sender's own id. Owns how long ids are remembered, not who gives them.

Two generations, the older of which goes when the younger is full: a record is recognised while at most `most` others came after it.
"""

from collections.abc import Iterable
from dataclasses import replace

from watchkeeper.model.received import Received

MOST_IDS = 1_000_000
"""Ids a generation; about 90 bytes each."""


class Again:
    """Remembers the ids of records, of every sender of one worker."""

    def __init__(self, most: int = MOST_IDS) -> None:
        """Take how many ids a generation holds; nothing was seen yet."""
        self._most = most
        self._young: set[int] = set()
        self._old: set[int] = set()
        self.dropped = 0
        """Records that came again."""

    def remember(self, sender: str, ids: Iterable[str]) -> None:
        """Take in the ids of a sender's records."""
        for one in ids:
            if one:
                self._young.add(hash((sender, one)))  # keyed by the process: nobody outside can make two ids the same
        if len(self._young) >= self._most:
            self._old, self._young = self._young, set()

    def without(self, received: Received) -> Received:
        """Give what was received without the records that came before, here or earlier, and remember the rest."""
        if not any(received.ids):
            return received
        fresh: list[int] = []
        for place, one in enumerate(received.ids):
            mark = hash((received.sender.id, one))
            if one and (mark in self._young or mark in self._old):
                continue
            fresh.append(place)
            if one:
                self._young.add(mark)
        self.remember("", ())
        if len(fresh) == len(received.ids):
            return received
        self.dropped += len(received.ids) - len(fresh)
        lines = received.body.split(b"\n")
        body = b"".join(lines[place] + b"\n" for place in fresh)
        return replace(received, body=body, records=len(fresh), ids=tuple(received.ids[place] for place in fresh))
