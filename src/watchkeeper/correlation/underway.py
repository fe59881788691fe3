"""Incidents under way: what was found to belong to each, piece by piece as time goes on. Owns joining and their end; it chooses nothing."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from watchkeeper.correlation.fold import EntityKey, Folded
from watchkeeper.correlation.grow import Grown
from watchkeeper.correlation.judged import Judged
from watchkeeper.correlation.rarity import Rarity
from watchkeeper.correlation.session import Span, digest

MOST_PIECES = 2000
"""An incident of so many folds takes in no more; what goes on is another one, that says which it continues."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A fold that belongs."""

    folded: Folded
    """With the number of its session."""
    span: Span
    rarity: Rarity
    worth: float
    ties: frozenset[EntityKey]
    """What it names that could tie it to others."""

    @property
    def order(self) -> tuple[float, int, str]:
        """Order pieces, most telling first, then earliest."""
        return -self.worth, self.folded.first or 0, self.folded.id


@dataclass(slots=True)
class Underway:
    """An incident that may still grow."""

    id: str
    continues: str = ""
    """Id of the one that grew too large."""
    seeds: set[int] = field(default_factory=set[int])
    """Numbers of the sessions that started it."""
    joined: dict[str, int] = field(default_factory=dict[str, int])
    """How many links of each kind joined its sessions."""
    pieces: list[Piece] = field(default_factory=list[Piece])
    left: int = 0
    """Folds of its sessions that do not belong."""
    took: list[str] = field(default_factory=list[str])
    """Ids of incidents that turned out to be part of it."""


@dataclass(frozen=True, slots=True)
class Found:
    """A group of sessions in a record, by their numbers."""

    grown: Grown
    """By positions."""
    folds: tuple[int, ...]
    """Positions of the folds that belong."""


class AllUnderway:
    """Every incident that may still grow, and to which of them sessions belong."""

    def __init__(self, incidents: Iterable[Underway] = (), owners: Iterable[tuple[int, str]] = ()) -> None:
        """Go on with these; `owners` gives an incident's id by the number of a session."""
        self.incidents = {one.id: one for one in incidents}
        self.owners = dict(owners)

    def take(self, judged: Judged, numbers: Sequence[int], found: Iterable[Found], fresh: frozenset[int]) -> list[str]:
        """Let each group's folds of the fresh sessions join its incident, old or new; give the ids of those that grew.

        `numbers` gives the number of each session by its position; of the others it was said before what belongs.
        """
        grew: list[str] = []
        for group in found:
            joining = [position for position in group.folds if numbers[judged.folds[position].session] in fresh]
            if joining:
                grew.append(self._join(judged, numbers, group, joining).id)
        return grew

    def forget(self, numbers: Iterable[int]) -> None:
        """Let sessions go, and the incidents that can grow no more."""
        for number in numbers:
            self.owners.pop(number, None)
        alive = set(self.owners.values())
        self.incidents = {id_: one for id_, one in self.incidents.items() if id_ in alive}

    def _join(self, judged: Judged, numbers: Sequence[int], group: Found, joining: Sequence[int]) -> Underway:
        """Add folds to the incident that a group goes on with, or to a new one."""
        sessions = {judged.folds[position].session for position in joining}
        incident = self._of(judged, numbers, group, min(sessions))
        incident.seeds.update(numbers[position] for position in group.grown.seeds)
        links = (link.by[0] for link in group.grown.links if sessions & {link.one, link.other})
        incident.joined = dict(Counter(incident.joined) + Counter(links))
        incident.left += sum(len(judged.members[session]) for session in sessions) - len(joining)
        incident.pieces += [_piece(judged, numbers, position) for position in joining]
        self.owners.update((numbers[session], incident.id) for session in sessions)
        return incident

    def _of(self, judged: Judged, numbers: Sequence[int], group: Found, first: int) -> Underway:
        """Find or make the incident of a group; where it goes on with several, the earliest takes in the others."""
        ids = dict.fromkeys(self.owners[number] for session in group.grown.sessions if (number := numbers[session]) in self.owners)
        known = [self.incidents[id_] for id_ in ids]
        if not known or len(known[0].pieces) >= MOST_PIECES:
            made = Underway(digest("incident", judged.spans[first].id), continues=known[0].id if known else "")
            self.incidents[made.id] = made
            return made
        for other in known[1:]:
            self._merge(known[0], other)
        return known[0]

    def _merge(self, taker: Underway, other: Underway) -> None:
        taker.seeds |= other.seeds
        taker.joined = dict(Counter(taker.joined) + Counter(other.joined))
        taker.pieces += other.pieces
        taker.left += other.left
        taker.took += [other.id, *other.took]
        del self.incidents[other.id]
        self.owners = {number: taker.id if id_ == other.id else id_ for number, id_ in self.owners.items()}


def _piece(judged: Judged, numbers: Sequence[int], position: int) -> Piece:
    fold = judged.folds[position]
    return Piece(
        folded=replace(fold, session=numbers[fold.session]),
        span=judged.spans[fold.session],
        rarity=judged.rarity[position],
        worth=judged.worths[position],
        ties=judged.tied.of[position],
    )
