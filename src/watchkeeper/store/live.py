"""Incidents of the stream as they stand now, and how far their consumers have come. Owns both in one transaction."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, cast

from sqlalchemy import ColumnElement, and_, delete, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from watchkeeper.model.incident import Incident
from watchkeeper.model.level import LEVELS, Level
from watchkeeper.model.live import Cursor, LiveIncident, Status
from watchkeeper.model.watch import Standing
from watchkeeper.store.live_rows import keep_incidents, merge_incident
from watchkeeper.store.platform_tables import CursorRow, LiveIncidentRow, LiveMarkRow
from watchkeeper.store.rows import Rows
from watchkeeper.store.words import say_standing

MOST_LISTED = 500
"""Incidents that one question gives."""
Order = Literal["first", "last", "updated", "score"]
"""What a list goes by, the highest or latest first: first signal, last signal, last change, score."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which incidents of the stream a list gives; every condition must hold."""

    status: tuple[Status, ...] = ()
    """How they stand; empty: however."""
    level: Level | None = None
    """This severity or a higher one."""
    least_score: float | None = None
    """This score or a higher one."""
    shown: bool | None = None
    """Whether a person sees them without asking."""
    since: datetime | None = None
    """The last signal is not earlier."""
    until: datetime | None = None
    """The first signal is not later."""
    marks: tuple[tuple[str, str], ...] = ()
    """Kinds and values that they are about: `host`, `user` and other kinds of entities, `technique`."""
    merged: bool = False
    """Also those that go on in another."""
    order: Order = "first"
    """What the list goes by."""
    after: tuple[datetime | float, str] | None = None
    """What the list goes by, and the id, of the last incident of the page before."""
    most: int = 50
    """How many at most, up to `MOST_LISTED`."""


@dataclass(frozen=True, slots=True)
class Advance:
    """What a consumer made of what it read, and how far it has come: kept together or not at all."""

    cursor: Cursor
    """How far it is then."""
    incidents: tuple[Incident, ...] = ()
    """Incidents that are new or otherwise."""
    merged: Mapping[str, str] = field(default_factory=dict[str, str])
    """Incidents that go on in others, by id, because they turned out to be one."""
    standings: tuple[Standing, ...] = ()
    """What became of incidents, such as being re-opened."""
    beside: tuple[Cursor, ...] = ()
    """More that the consumer has to know to go on, under names of its own."""
    done: tuple[str, ...] = ()
    """Names of cursors that are no longer needed."""


class Live(Rows):
    """Incidents of the stream and cursors."""

    def advance(self, made: Advance, moment: datetime | None = None) -> dict[str, int]:
        """Keep what a consumer made and how far it has come; give the revisions of its incidents by their ids.

        An incident that is kept as it was stays at its revision. How an incident stands is left as people said it.

        Raises:
            ValueError: the cursor stands further than this already: somebody else is this consumer too.
        """
        now = moment or datetime.now(UTC)
        with self._writing() as session:
            session.execute(delete(CursorRow).where(CursorRow.name.in_(made.done)))
            for cursor in (made.cursor, *made.beside):
                _move(session, self.tenant, cursor, now)
            revisions = keep_incidents(session, self.tenant, made.incidents, now)
            for gone, into in made.merged.items():
                merge_incident(session, self.tenant, gone, into, now)
            for standing in made.standings:
                say_standing(session, self.tenant, standing)
        return revisions

    def cursor(self, name: str) -> Cursor | None:
        """Give how far a consumer has come; none if it never began."""
        with self._reading() as session:
            row = session.scalar(select(CursorRow).where(CursorRow.name == name))
        return None if row is None else Cursor(name=name, position=row.position, body=row.body)

    def live_incident(self, incident: str) -> LiveIncident | None:
        """Give an incident of the stream as it stands now; none if there is no such."""
        with self._reading() as session:
            row = session.scalar(select(LiveIncidentRow).where(LiveIncidentRow.id == incident))
        return None if row is None else _live(row)

    def live_incidents(self, wanted: Wanted) -> tuple[LiveIncident, ...]:
        """Give a page of incidents of the stream."""
        by = _column(wanted.order)
        asked = select(LiveIncidentRow).where(*_conditions(wanted)).order_by(by.desc(), LiveIncidentRow.id.desc())
        if wanted.after is not None:
            key, incident = wanted.after
            asked = asked.where(or_(by < key, and_(by == key, LiveIncidentRow.id < incident)))
        with self._reading() as session:
            return tuple(_live(row) for row in session.scalars(asked.limit(max(1, min(wanted.most, MOST_LISTED)))))

    def live_called(self, start: str, most: int = 2) -> tuple[str, ...]:
        """Give ids of incidents of the stream that begin so and stand by themselves, a few at most."""
        mine = LiveIncidentRow.id.startswith(start, autoescape=True)
        asked = select(LiveIncidentRow.id).where(mine, LiveIncidentRow.into == "").order_by(LiveIncidentRow.id).limit(most)
        with self._reading() as session:
            return tuple(session.scalars(asked))

    def count_live_incidents(self, wanted: Wanted) -> int:
        """Count the incidents of all pages of a list."""
        with self._reading() as session:
            return session.scalar(select(func.count()).select_from(LiveIncidentRow).where(*_conditions(wanted))) or 0


def _move(session: Session, tenant: str, cursor: Cursor, now: datetime) -> None:
    before = session.scalar(select(CursorRow).where(CursorRow.name == cursor.name))
    if before is not None and before.position > cursor.position:
        raise ValueError(f"cursor {cursor.name!r} of {tenant!r} stands at {before.position:,} and is not moved back to {cursor.position:,}")
    session.merge(CursorRow(tenant=tenant, name=cursor.name, position=cursor.position, updated=now, body=cursor.body))


def _column(order: Order) -> InstrumentedAttribute[datetime] | InstrumentedAttribute[float]:
    match order:
        case "first":
            return LiveIncidentRow.first
        case "last":
            return LiveIncidentRow.last
        case "updated":
            return LiveIncidentRow.updated
        case "score":
            return LiveIncidentRow.score


def _conditions(wanted: Wanted) -> Iterable[ColumnElement[bool]]:
    row = LiveIncidentRow
    if wanted.status:
        yield row.status.in_(wanted.status)
    if wanted.level is not None:
        yield row.severity >= LEVELS.index(wanted.level)
    if wanted.least_score is not None:
        yield row.score >= wanted.least_score
    if wanted.shown is not None:
        yield row.shown.is_(wanted.shown)
    if wanted.since is not None:
        yield row.last >= wanted.since
    if wanted.until is not None:
        yield row.first <= wanted.until
    if not wanted.merged:
        yield row.into == ""
    for kind, value in wanted.marks:
        yield row.id.in_(select(LiveMarkRow.incident_id).where(LiveMarkRow.kind == kind, LiveMarkRow.value == value))


def _live(row: LiveIncidentRow) -> LiveIncident:
    return LiveIncident(
        incident=Incident.model_validate_json(row.body), status=cast("Status", row.status), revision=row.revision, opened=row.opened,
        updated=row.updated, judged=row.judged, closed=row.closed, into=row.into,
    )  # fmt: skip
