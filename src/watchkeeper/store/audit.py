"""The audit log in the database: entries are added, never changed. Owns the transactions by which they stay one chain."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from pydantic import ValidationError
from sqlalchemy import Select, event, select
from sqlalchemy.orm import Session

from watchkeeper.model.audit import BEGINNING, AuditEntry, Happened, Head
from watchkeeper.model.principal import EVERY_TENANT
from watchkeeper.store.anchor import AnchorFile
from watchkeeper.store.engine import Database, lock
from watchkeeper.store.people_tables import AuditRow

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_BEFORE, _AFTER, _FITS = "audit_before", "audit_after", "audit_fits"
_NEWEST = select(AuditRow.number, AuditRow.hash).order_by(AuditRow.number.desc()).limit(1)
_PAGE = 1000


class AuditLog:
    """Everything that has to be told later, in one chain whoever writes."""

    def __init__(self, database: Database, anchor: AnchorFile) -> None:
        """Take where entries are kept, and where the signed head is."""
        self.database = database
        self.anchor = anchor

    @contextmanager
    def writing(self) -> Generator[Session]:
        """Open a transaction over all tenants; what it changes is kept together with the entries that are added, or neither is."""
        with self.database.writing(None) as session:
            yield session

    def add(self, session: Session, happened: Happened) -> AuditEntry:
        """Add an entry within a transaction that writes; no other one adds any until it ends."""
        if _AFTER not in session.info:
            self._begin(session)
        last: Head = session.info[_AFTER]
        entry = AuditEntry.after(last.number, last.hash, _kept_whole(happened))
        session.add(AuditRow(**entry.model_dump(exclude={"time"}), time=(entry.time - _EPOCH) // _MICROSECOND))
        session.flush()
        session.info[_AFTER] = Head(number=entry.number, hash=entry.hash)
        return entry

    def claim(self, session: Session) -> None:
        """Let no other transaction add an entry until this one, which writes, ends."""
        if not self.database.is_sqlite:  # there, whoever writes is alone anyway
            lock(session.connection(), "audit")

    def record(self, happened: Happened) -> AuditEntry:
        """Add an entry in a transaction of its own, for what is not kept in the database.

        Raises:
            OSError: it cannot be kept; what it would tell must not be done.
        """
        with self.writing() as session:
            return self.add(session, happened)

    def head(self) -> Head:
        """Give the number and hash of the last entry."""
        with self.database.reading(None) as session:
            return _head(session)

    def entries(self) -> Iterator[AuditEntry | int]:
        """Yield every entry in order; the number alone of one whose row holds what no entry can."""
        last: int | None = None
        with self.database.reading(None) as session:
            while True:
                asked = select(AuditRow).order_by(AuditRow.number).limit(_PAGE)
                rows = session.scalars(asked if last is None else asked.where(AuditRow.number > last)).all()
                if not rows:
                    return
                last = rows[-1].number
                yield from map(_read, rows)
                session.expunge_all()

    def newest(self, tenant: str = EVERY_TENANT, before: int | None = None, limit: int = 100) -> tuple[AuditEntry, ...]:
        """Give the newest entries of a tenant, the newest first.

        Raises:
            ValueError: a row was changed so that it holds no entry any more.
        """
        asked = select(AuditRow).order_by(AuditRow.number.desc()).limit(limit)
        asked = asked if tenant == EVERY_TENANT else asked.where(AuditRow.tenant == tenant)
        asked = asked if before is None else asked.where(AuditRow.number < before)
        return self._sound(asked)

    def about(self, on: str, tenant: str, limit: int = 100) -> tuple[AuditEntry, ...]:
        """Give the newest entries of a tenant about one thing, the oldest first.

        Raises:
            ValueError: a row was changed so that it holds no entry any more.
        """
        asked = select(AuditRow).where(AuditRow.on == on, AuditRow.tenant == tenant).order_by(AuditRow.number.desc()).limit(limit)
        return self._sound(asked)[::-1]

    def _sound(self, asked: Select[AuditRow]) -> tuple[AuditEntry, ...]:
        with self.database.reading(None) as session:
            found = [_read(row) for row in session.scalars(asked)]
        if broken := [one for one in found if isinstance(one, int)]:
            raise ValueError(f"entry {broken[0]} of the audit log is damaged; `watchkeeper audit verify` says more")
        return tuple(one for one in found if isinstance(one, AuditEntry))

    def _begin(self, session: Session) -> None:
        self.claim(session)
        session.info[_BEFORE] = session.info[_AFTER] = _head(session)
        event.listen(session, "before_commit", self._announce)
        event.listen(session, "after_commit", self._hold)

    def _announce(self, session: Session) -> None:
        session.info[_FITS] = self.anchor.announce(session.info[_BEFORE], session.info[_AFTER])

    def _hold(self, session: Session) -> None:
        if session.info[_FITS]:
            self.anchor.hold(session.info[_AFTER])


def _head(session: Session) -> Head:
    row = session.execute(_NEWEST).first()
    return Head(number=0, hash=BEGINNING) if row is None else Head(number=row.number, hash=row.hash)


def _kept_whole(happened: Happened) -> Happened:
    """Give what the database gives back later, so that its hash still fits: characters that it does not take, and lengths."""
    texts = {name: value for name, value in happened if isinstance(value, str)}
    kept = {
        name: value.encode("utf-8", "replace").decode("utf-8").replace("\0", "\N{REPLACEMENT CHARACTER}") for name, value in texts.items()
    }
    return happened.model_copy(update=kept | {"address": kept["address"][:64]})


def _read(row: AuditRow) -> AuditEntry | int:
    told = {name: getattr(row, name) for name in AuditEntry.model_fields if name != "time"}
    try:
        return AuditEntry(**told, time=_EPOCH + _MICROSECOND * row.time)
    except (ValidationError, OverflowError, TypeError):
        return row.number
