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


@dataclass(frozen=True, slots=True)
class _Joining:
    """What joins an incident."""

    group: Found
    folds: Sequence[int]
    """Positions of those of its folds that are fresh."""
    heard: Sequence[str]
    """Ids under which people heard of it, the one that stays first."""


class AllUnderway:
    """Every incident that may still grow, and to which of them sessions belong."""

    def __init__(
        self, incidents: Iterable[Underway] = (), owners: Iterable[tuple[int, str]] = (), said: Iterable[tuple[int, str]] = ()
    ) -> None:
        """Go on with these; `owners` gives an incident's id by the number of a session, `said` the id under which people heard of it."""
        self.incidents = {one.id: one for one in incidents}
        self.owners = dict(owners)
        self.said = dict(said)

    def take(self, judged: Judged, numbers: Sequence[int], found: Iterable[Found], fresh: frozenset[int]) -> list[str]:
        """Let each group's folds of the fresh sessions join its incident, old or new; give the ids of those that grew.

        `numbers` gives the number of each session by its position; of the others it was said before what belongs.
        """
        grew: list[str] = []
        groups = list(found)
        for group, heard in zip(groups, self._heard(numbers, groups), strict=True):
            joining = [position for position in group.folds if numbers[judged.folds[position].session] in fresh]
            if joining:
                grew.append(self._join(judged, numbers, _Joining(group, joining, heard)).id)
        return grew

    def name(self, incidents: Iterable[Underway]) -> None:
        """Remember under which ids people heard of incidents: what goes on with one keeps its id."""
        for incident in incidents:
            self.said.update((piece.folded.session, incident.id) for piece in incident.pieces)

    def forget(self, numbers: Iterable[int]) -> None:
        """Let sessions go, and the incidents that can grow no more."""
        for number in numbers:
            self.owners.pop(number, None)
            self.said.pop(number, None)
        alive = set(self.owners.values())
        self.incidents = {id_: one for id_, one in self.incidents.items() if id_ in alive}

    def _heard(self, numbers: Sequence[int], groups: Sequence[Found]) -> list[list[str]]:
        """Give the ids under which people heard of each group's sessions, most first, each id with the group that has most of it."""
        said = ((at, self.said.get(numbers[session])) for at, group in enumerate(groups) for session in group.grown.sessions)
        counts = Counter((at, id_) for at, id_ in said if id_ and id_ not in self.incidents)
        given = dict[str, int]()
        for at, id_ in sorted(counts, key=lambda pair: (-counts[pair], pair)):
            given.setdefault(id_, at)
        heard: list[list[str]] = [[] for _ in groups]
        for id_, at in given.items():
            heard[at].append(id_)
        return heard

    def _join(self, judged: Judged, numbers: Sequence[int], joining: "_Joining") -> Underway:
        """Add folds to the incident that a group goes on with, or to a new one."""
        group = joining.group
        sessions = {judged.folds[position].session for position in joining.folds}
        incident = self._of(judged, numbers, joining, min(sessions))
        incident.seeds.update(numbers[position] for position in group.grown.seeds)
        links = (link.by[0] for link in group.grown.links if sessions & {link.one, link.other})
        incident.joined = dict(Counter(incident.joined) + Counter(links))
        incident.left += sum(len(judged.members[session]) for session in sessions) - len(joining.folds)
        incident.pieces += [_piece(judged, numbers, position) for position in joining.folds]
        incident.took += [id_ for id_ in joining.heard if id_ not in (incident.id, *incident.took)]
        self.owners.update((numbers[session], incident.id) for session in sessions)
        return incident

    def _of(self, judged: Judged, numbers: Sequence[int], joining: "_Joining", first: int) -> Underway:
        """Find or make the incident of a group; where it goes on with several, the earliest takes in the others."""
        sessions = joining.group.grown.sessions
        ids = dict.fromkeys(self.owners[number] for session in sessions if (number := numbers[session]) in self.owners)
        known = [self.incidents[id_] for id_ in ids]
        if not known or len(known[0].pieces) >= MOST_PIECES:
            id_ = joining.heard[0] if joining.heard else self._unheard(judged.spans[first].id)
            self.incidents[id_] = Underway(id_, continues=known[0].id if known else "")
            return self.incidents[id_]
        for other in known[1:]:
            self._merge(known[0], other)
        return known[0]

    def _unheard(self, session: str) -> str:
        """Give the id of an incident that nobody heard of, by its first session; what that session was part of may go on without it."""
        made = digest("incident", session)
        while made in self.incidents or made in self.said.values():
            made = digest("incident", made)
        return made

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
