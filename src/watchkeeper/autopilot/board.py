"""The board: a tenant's incidents as people see them, in lines that can be narrowed and paged. Owns their order and what a filter means."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from heapq import merge
from typing import cast

from watchkeeper.autopilot.edits import parts, seen
from watchkeeper.autopilot.following import closed
from watchkeeper.autopilot.stream_incidents import every_live, first_of
from watchkeeper.model.feedback import Feedback
from watchkeeper.model.incident import Incident
from watchkeeper.model.level import LEVELS
from watchkeeper.model.live import Status
from watchkeeper.model.page import Page, cursor, place
from watchkeeper.model.summary import IncidentFilter, IncidentSummary, Word
from watchkeeper.model.watch import Standing
from watchkeeper.store import Order, Store, Wanted

MOST_SCANNED = 20_000
"""Incidents that one page looks through; a filter that few fit gives a short page, and a cursor to go on from."""
_MOST_NAMED = 20
_NEVER = datetime(1, 1, 1, tzinfo=UTC)
_Key = tuple[float, str]


def board(store: Store, wanted: IncidentFilter, after: str, limit: int) -> Page[IncidentSummary]:
    """Give the lines of incidents that a filter lets through, so many after a cursor.

    An incident that comes in between moves no other, so that no page holds one twice or leaves one out.

    Raises:
        ValueError: the cursor is none of this list.
    """
    begins = cast("_Key", place(after, float, str)) if after else None
    standing = Standings(store)
    found: list[IncidentSummary] = []
    for count, (key, incident) in enumerate(in_order(store, wanted, begins), start=1):
        if _is_meant(incident, wanted) and _stands(line := standing.line(incident), wanted):
            found.append(line)
        if len(found) == limit or count == MOST_SCANNED:
            return Page(items=tuple(found), next=cursor(*key))
    return Page(items=tuple(found))


def lines(store: Store, wanted: IncidentFilter) -> Iterator[IncidentSummary]:
    """Yield the lines of all incidents that a filter lets through, in its order."""
    return (line for _, line in with_lines(store, wanted))


def with_lines(store: Store, wanted: IncidentFilter) -> Iterator[tuple[Incident, IncidentSummary]]:
    """Yield all incidents that a filter lets through with their lines, in its order."""
    standing = Standings(store)
    for _, incident in in_order(store, wanted):
        if _is_meant(incident, wanted) and _stands(line := standing.line(incident), wanted):
            yield incident, line


def in_order(store: Store, wanted: IncidentFilter, after: _Key | None = None) -> Iterator[tuple[_Key, Incident]]:
    """Yield incidents, the highest key first: those of cases and edited ones are few and sorted here, those of the stream come sorted."""
    order: Order = "score" if wanted.sort == "score" else "first"
    held = seen(store).incidents
    ours = sorted(((_key(one, one.start or _NEVER, order), one) for one in held), key=lambda pair: pair[0], reverse=True)
    edited = {part for edit in store.edits() if edit.undone is None for part in parts(edit.change)}
    begins = (after[0] if order == "score" else _moment(after[0]), after[1]) if after else None
    asked = Wanted(level=wanted.level, since=wanted.since, until=wanted.until, marks=_marks(wanted), order=order, after=begins)
    stream = every_live(store, replace(asked, shown=wanted.shown), MOST_SCANNED)
    theirs = ((_key(one.incident, first_of(one), order), one.incident) for one in stream if one.incident.id not in edited)
    mine = (pair for pair in ours if after is None or pair[0] < after)
    return merge(mine, theirs, key=lambda pair: pair[0], reverse=True)


def _marks(wanted: IncidentFilter) -> tuple[tuple[str, str], ...]:
    return (("host", wanted.host.lower()),) if wanted.host else ()


def _key(incident: Incident, first: datetime, order: Order) -> _Key:
    return (float(incident.score) if order == "score" else first.timestamp(), incident.id)


def _moment(seconds: float) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise ValueError("the cursor is none of this list; begin again without `after`") from error


def summary(store: Store, incident: Incident) -> IncidentSummary:
    """Give the line of one incident."""
    return Standings(store).line(incident)


class Standings:
    """How incidents stand: read once for a whole list."""

    def __init__(self, store: Store) -> None:
        self._standings = store.standings()
        self._shut = closed(store)
        self._words: defaultdict[str, list[Word]] = defaultdict(list)
        for one in store.feedback():
            self._words[one.subject].append(_word(one))
        self._assigned = {one.incident: one.text for one in store.remarks("assigned")}

    def line(self, incident: Incident) -> IncidentSummary:
        """Give the line of an incident."""
        said = self._standings.get(incident.id, ())
        verdict = incident.verdict
        return IncidentSummary(
            **{name: getattr(incident, name) for name in ("id", "rank", "title", "level", "score", "start", "end", "shown", "synthetic")},
            hosts=incident.hosts[:_MOST_NAMED],
            users=_few(fold.user for fold in incident.folds),
            techniques=incident.techniques[:_MOST_NAMED],
            signals=sum(fold.count for fold in incident.folds),
            sessions=len(incident.sessions),
            verdict=verdict.outcome if verdict else None,
            attack=verdict.attack if verdict else None,
            status=self._status(incident, said),
            standing=said[-1] if said else None,
            assigned=self._assigned.get(incident.id, ""),
            said=tuple(self._words[incident.id]),
        )

    def _status(self, incident: Incident, said: tuple[Standing, ...]) -> Status:
        if incident.id in self._shut:
            return "closed"
        return "re-opened" if said else "open"


def _word(said: Feedback) -> Word:
    return Word(verdict=said.verdict, by=said.by, why=said.why, time=said.time)


def _few(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))[:_MOST_NAMED]


def _is_meant(incident: Incident, wanted: IncidentFilter) -> bool:
    """Say whether what an incident holds lets it through."""
    tests = (
        wanted.level is None or LEVELS.index(incident.level) >= LEVELS.index(wanted.level),
        not wanted.host or wanted.host.lower() in incident.hosts,
        not wanted.user or any(wanted.user.lower() == fold.user for fold in incident.folds),
        not wanted.technique or any(_is_of(one, wanted.technique) for one in incident.techniques),
        wanted.since is None or (incident.end is not None and incident.end >= wanted.since),
        wanted.until is None or (incident.start is not None and incident.start <= wanted.until),
        not wanted.text or wanted.text.casefold() in _text(incident),
        wanted.shown is None or wanted.shown == incident.shown,
    )
    return all(tests)


def _stands(line: IncidentSummary, wanted: IncidentFilter) -> bool:
    """Say whether how an incident stands lets it through."""
    verdict = line.said[-1].verdict if line.said else line.verdict
    tests = (
        wanted.status is None or wanted.status == line.status,
        wanted.verdict is None or wanted.verdict == verdict,
        not wanted.assigned or wanted.assigned == line.assigned,
    )
    return all(tests)


def _is_of(technique: str, wanted: str) -> bool:
    return technique == wanted or technique.startswith(f"{wanted}.")


def _text(incident: Incident) -> str:
    folds = (part for fold in incident.folds for part in (fold.title, fold.user))
    return "\n".join((incident.id, incident.title, *incident.hosts, *folds)).casefold()
