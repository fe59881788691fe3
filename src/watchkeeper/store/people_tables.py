"""Tables of who may do what, and of what they did. Owns columns alone.

Users, their sessions and attempts to sign in belong to no tenant: one person may have roles in several.
"""

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from watchkeeper.store.columns import TENANT_LENGTH, Moment, Owned, Table, Words


class UserRow(Table):
    """A person who signs in, with what they are known by."""

    __tablename__ = "users"

    login: Mapped[str] = mapped_column(String(64), primary_key=True)
    password: Mapped[str] = mapped_column(Text)
    """Argon2id hash."""
    factor: Mapped[str] = mapped_column(String(64), default="")
    """Secret of the second factor in Base32; codes follow from it, so it cannot be a digest."""
    offered: Mapped[str] = mapped_column(String(64), default="")
    """Secret of a second factor that was offered and not confirmed yet."""
    step: Mapped[int] = mapped_column(BigInteger, default=0)
    """Newest period of 30 seconds whose code was used."""
    recovery: Mapped[str] = mapped_column(Text, default="[]")
    """Digests of the recovery codes that are left, as JSON."""
    body: Mapped[str] = mapped_column(Text)


class VisitRow(Table):
    """A session of a person in a browser."""

    __tablename__ = "visits"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    login: Mapped[str] = mapped_column(String(64), index=True)
    began: Mapped[datetime] = mapped_column(Moment)
    seen: Mapped[datetime] = mapped_column(Moment)
    address: Mapped[str] = mapped_column(String(64))


class TryRow(Table):
    """Failed attempts to sign in under one name: an account's or an address's."""

    __tablename__ = "tries"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    failures: Mapped[int] = mapped_column(Integer)
    last: Mapped[datetime] = mapped_column(Moment, index=True)


class TokenRow(Owned, Table):
    """An API token; only its digest can be compared with it."""

    __tablename__ = "tokens"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    last_used: Mapped[datetime | None] = mapped_column(Moment)
    body: Mapped[str] = mapped_column(Text)


class AuditRow(Table):
    """One entry of the audit log; nothing of it stands twice, so that nothing can be changed beside what its hash covers."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_on", "on", postgresql_using="hash"),)  # a hash, because some of it is longer than a tree takes

    number: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False)
    time: Mapped[int] = mapped_column(BigInteger)
    """µs since 1970, UTC."""
    tenant: Mapped[str] = mapped_column(String(TENANT_LENGTH), index=True)
    who: Mapped[str] = mapped_column(Words)
    address: Mapped[str] = mapped_column(String(64))
    what: Mapped[str] = mapped_column(Text)
    on: Mapped[str] = mapped_column(Words)
    outcome: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(Words)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
