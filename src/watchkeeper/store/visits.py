"""Sessions of people, and failed attempts to begin one. Owns queries; how long each lasts and waits stands in `access`."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from watchkeeper.model.audit import Happened
from watchkeeper.model.user import User, Visit
from watchkeeper.store.people_tables import TryRow, UserRow, VisitRow
from watchkeeper.store.users import Users

_SEEN_AGAIN = timedelta(minutes=1)
_MOST_VISITS = 20
"""Sessions of one user; the oldest ends when another begins."""


class Visits(Users):
    """Sessions, and what slows guessing."""

    def begin_visit(self, digest: str, visit: Visit, happened: Happened) -> None:
        """Keep a session that begins."""
        oldest = select(VisitRow).where(VisitRow.login == visit.login).order_by(VisitRow.began.desc()).offset(_MOST_VISITS - 1)
        with self.audit.writing() as session:
            for row in session.scalars(oldest):
                session.delete(row)
            session.add(VisitRow(digest=digest, login=visit.login, began=visit.began, seen=visit.seen, address=visit.address[:64]))
            self.audit.add(session, happened)

    def visit_of(self, digest: str, now: datetime, holds: Callable[[Visit, datetime], bool]) -> User | None:
        """Give the user of a session and note that they did something; none if there is no such session, or it ended."""
        asked = select(VisitRow, UserRow.body).join(UserRow, UserRow.login == VisitRow.login).where(VisitRow.digest == digest)
        with self.database.reading(None) as session:
            found = session.execute(asked).first()
        if found is None:
            return None
        row, user = found[0], User.model_validate_json(found[1])
        if user.disabled is not None or not holds(Visit(row.login, row.began, row.seen, row.address), now):
            return None
        if now - row.seen >= _SEEN_AGAIN:
            self._touch(digest, now)
        return user

    def end_visit(self, digest: str, happened: Happened) -> None:
        """End a session."""
        with self.audit.writing() as session:
            session.execute(delete(VisitRow).where(VisitRow.digest == digest))
            self.audit.add(session, happened)

    def drop_ended_visits(self, now: datetime, longest: timedelta) -> int:
        """Forget sessions that began so long ago that none of them holds; give how many."""
        with self.database.writing(None) as session:
            return len(session.execute(delete(VisitRow).where(VisitRow.began <= now - longest).returning(VisitRow.digest)).all())

    def attempt(self, names: Sequence[str], now: datetime, delay: Callable[[str, int], timedelta], forgotten: timedelta) -> timedelta:
        """Count an attempt as failed before it is looked at, so that many at once are slowed too; give how long it has to wait first.

        Args:
            names: under which it counts.
            now: the time, UTC.
            delay: how long after the last failure the next attempt may come, by name and number of failures.
            forgotten: how long failures count.
        """
        with self.database.writing(None) as session:
            session.execute(delete(TryRow).where(TryRow.last <= now - forgotten))
            known = {row.name: row for row in session.scalars(select(TryRow).where(TryRow.name.in_(names)))}
            waits = [row.last + delay(row.name, row.failures) - now for row in known.values()]
            if waits and max(waits) > timedelta(0):
                return max(waits)
            for name in names:
                row = known.get(name) or TryRow(name=name, failures=0)
                row.failures, row.last = row.failures + 1, now
                session.add(row)
        return timedelta(0)

    def forgive(self, names: Sequence[str], *, wholly: Sequence[str] = ()) -> None:
        """Take back that the last attempt counted as failed; under some names, that any did."""
        with self.database.writing(None) as session:
            session.execute(delete(TryRow).where(TryRow.name.in_(wholly)))
            for row in session.scalars(select(TryRow).where(TryRow.name.in_(names))):
                row.failures = max(0, row.failures - 1)

    def _touch(self, digest: str, now: datetime) -> None:
        with self.database.writing(None) as session:
            row = session.get(VisitRow, digest)
            if row is not None:
                row.seen = now
