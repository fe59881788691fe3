"""Changes: numbers, in order, for everything that became otherwise, so that who listens can ask what is new. Owns the newest of them."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from watchkeeper.store.platform_tables import ChangeRow
from watchkeeper.store.rows import Rows

MOST_KEPT = 10_000
"""Changes of a tenant that are kept; who was away for longer has to look at everything anew."""
_EVERY = 500
"""Changes after which the oldest are dropped."""


class ChangeKept(NamedTuple):
    """One thing that is otherwise."""

    number: int
    """It rises by one with each change of the tenant; a lower number was kept earlier."""
    kind: str
    """What kind of thing: incident, case, feedback, suppression, edit, standing, watch, sender, setting …"""
    id: str
    """Which one."""
    time: datetime
    """When it was kept, UTC."""


class Changed(NamedTuple):
    """What is otherwise since a number."""

    changes: tuple[ChangeKept, ...]
    """In order."""
    missed: bool
    """Whether some are no longer known: everything has to be looked at anew."""


class Changes(Rows):
    """What became otherwise, for server-sent events."""

    def changed_since(self, number: int, most: int = 500) -> Changed:
        """Give what changed after the change of a number, the oldest first; nothing counts as missed after `-1`."""
        after = select(ChangeRow).where(ChangeRow.number > number).order_by(ChangeRow.number).limit(most)
        with self._reading() as session:
            found = tuple(ChangeKept(row.number, row.kind, row.subject, row.time) for row in session.scalars(after))
            oldest, newest = session.execute(select(func.min(ChangeRow.number), func.max(ChangeRow.number))).one()
        beyond = number > (newest or 0)  # numbers began anew: the database was restored
        return Changed(found, missed=beyond or 0 <= number < (oldest or 1) - 1)

    def last_change(self) -> int:
        """Give the number of the last change; 0 if there was none yet."""
        with self._reading() as session:
            return session.scalar(select(func.max(ChangeRow.number))) or 0


def record(session: Session, tenant: str, kind: str, ids: Iterable[str]) -> None:
    """Add changes to what a writing session keeps; they get their numbers in the order in which they are kept.

    It is called within `Rows._writing`, which has the tenant to itself: no lower number can appear later.
    """
    number = session.scalar(select(func.max(ChangeRow.number))) or 0
    now = datetime.now(UTC)
    for number, one in enumerate(ids, number + 1):  # noqa: B020 -- it goes on counting from the last one
        session.add(ChangeRow(tenant=tenant, number=number, kind=kind, subject=one, time=now))
        if number % _EVERY == 0:
            session.execute(delete(ChangeRow).where(ChangeRow.number <= number - MOST_KEPT))
    session.flush()
