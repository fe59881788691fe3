"""What came through the doors, by door and sender. Owns the figures; who shows them stands elsewhere."""

from collections import Counter
from collections.abc import Iterator
from typing import Literal, NamedTuple

from watchkeeper.model.received import Listener

Kind = Literal["records", "bytes", "refused", "malformed", "cut", "dropped", "unknown", "turned_away"]
"""Records kept and their bytes; records refused because they could not be kept; records that were none; records too long, which were cut;
datagrams lost before or after they were read; requests, messages or connections of nobody known; requests turned away otherwise."""


class Count(NamedTuple):
    """One figure."""

    door: Listener
    sender: str
    """Id of the sender; empty where nobody known sent it."""
    kind: Kind
    number: int


class Counts:
    """Figures since the start; senders are bounded by those that people made."""

    def __init__(self) -> None:
        self._numbers: Counter[tuple[Listener, str, Kind]] = Counter()

    def add(self, door: Listener, sender: str, kind: Kind, number: int = 1) -> None:
        """Count so many more."""
        if number:
            self._numbers[door, sender, kind] += number

    def of(self, kind: Kind, door: Listener | None = None, sender: str | None = None) -> int:
        """Give the sum of one kind, of one door or sender if asked."""
        return sum(one.number for one in self if one.kind == kind and door in {None, one.door} and sender in {None, one.sender})

    def __iter__(self) -> Iterator[Count]:
        for (door, sender, kind), number in sorted(self._numbers.items()):
            yield Count(door, sender, kind, number)
