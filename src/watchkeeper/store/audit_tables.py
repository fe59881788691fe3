"""Tables of the audit log. Owns columns and types; what a row means stands in `model.audit`."""

from sqlalchemy import BigInteger, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from watchkeeper.store.tables import Table


class AuditRow(Table):
    """One entry; nothing of it stands twice, so that nothing can be changed beside what its hash covers."""

    __tablename__ = "audit"

    number: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False)
    time: Mapped[int] = mapped_column(BigInteger)
    """µs since 1970, UTC."""
    tenant: Mapped[str] = mapped_column(Text, index=True)
    who: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    what: Mapped[str] = mapped_column(Text)
    on: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(Text)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class AuditHeadRow(Table):
    """The one row that a transaction locks before it adds entries: number and hash of the last one."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))
