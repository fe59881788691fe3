"""The audit log in the database: entries are added, never changed. Owns the transactions by which they stay one chain."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from pydantic import ValidationError
from sqlalchemy import Engine, event, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from watchkeeper.model.audit import BEGINNING, AuditEntry, Happened, Head
from watchkeeper.model.principal import EVERY_TENANT
from watchkeeper.store.anchor import AnchorFile
from watchkeeper.store.audit_tables import AuditHeadRow, AuditRow
from watchkeeper.store.tables import Table

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_HELD, _WRITTEN = "audit_before", "audit_after"
_PAGE = 1000


class AuditLog:
    """Everything that has to be told later, in one chain whoever writes."""

    def __init__(self, engine: Engine, anchor: AnchorFile) -> None:
        """Make the tables where they are missing."""
        self._engine = engine
        self.anchor = anchor
        Table.metadata.create_all(engine, tables=[AuditRow.__table__, AuditHeadRow.__table__])  # pyright: ignore[reportArgumentType] -- its own tables
        with Session(engine) as session:
            if session.get(AuditHeadRow, 1) is None:
                session.add(AuditHeadRow(id=1, number=0, hash=BEGINNING))
                try:
                    session.commit()
                except IntegrityError:
                    session.rollback()  # another process was first

    @contextmanager
    def writing(self) -> Generator[Session]:
        """Open a transaction that alone may add entries; what it changes is kept together with them, or neither is."""
        with Session(self._engine) as session, session.begin():
            self.lock(session)
            yield session

    def lock(self, session: Session) -> None:
        """Make a transaction the only one that may add entries until it ends; it has to be the first thing that it does."""
        session.execute(update(AuditHeadRow).values(id=1))
        head = session.get_one(AuditHeadRow, 1, populate_existing=True)
        if _HELD not in session.info:
            event.listen(session, "before_commit", self._announce)
            event.listen(session, "after_commit", self._hold)
        session.info[_HELD] = session.info[_WRITTEN] = Head(number=head.number, hash=head.hash)

    def add(self, session: Session, happened: Happened) -> AuditEntry:
        """Add an entry within a transaction that was locked."""
        last: Head = session.info[_WRITTEN]
        entry = AuditEntry.after(last.number, last.hash, happened)
        session.add(AuditRow(**entry.model_dump(exclude={"time"}), time=(entry.time - _EPOCH) // _MICROSECOND))
        session.execute(update(AuditHeadRow).values(number=entry.number, hash=entry.hash))
        session.info[_WRITTEN] = Head(number=entry.number, hash=entry.hash)
        return entry

    def record(self, happened: Happened) -> AuditEntry:
        """Add an entry in a transaction of its own, for what is not kept in the database."""
        with self.writing() as session:
            return self.add(session, happened)

    def head(self) -> Head:
        """Give the number and hash of the last entry."""
        newest = select(AuditRow.number, AuditRow.hash).order_by(AuditRow.number.desc()).limit(1)
        with Session(self._engine) as session:
            row = session.execute(newest).first()
        return Head(number=0, hash=BEGINNING) if row is None else Head(number=row.number, hash=row.hash)

    def entries(self) -> Iterator[AuditEntry | int]:
        """Yield every entry in order; the number alone of one whose row holds what no entry can."""
        last: int | None = None
        with Session(self._engine) as session:
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
        with Session(self._engine) as session:
            found = [_read(row) for row in session.scalars(asked)]
        if broken := [one for one in found if isinstance(one, int)]:
            raise ValueError(f"entry {broken[0]} of the audit log is damaged; `watchkeeper audit verify` says more")
        return tuple(one for one in found if isinstance(one, AuditEntry))

    def _announce(self, session: Session) -> None:
        before, after = session.info[_HELD], session.info[_WRITTEN]
        if before != after:
            session.info["audit_fits"] = self.anchor.announce(before, after)

    def _hold(self, session: Session) -> None:
        before, after = session.info[_HELD], session.info[_WRITTEN]
        if before != after and session.info.get("audit_fits"):
            self.anchor.hold(after)


def _read(row: AuditRow) -> AuditEntry | int:
    told = {name: getattr(row, name) for name in AuditEntry.model_fields if name != "time"}
    try:
        return AuditEntry(**told, time=_EPOCH + _MICROSECOND * row.time)
    except (ValidationError, OverflowError, TypeError):
        return row.number
