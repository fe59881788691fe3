"""Types of columns that mean the same in SQLite and PostgreSQL, and the tenant that every row has."""

from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

TENANT_LENGTH = 64


class Moment(TypeDecorator[datetime]):
    """A time, UTC: SQLite keeps it without a zone, PostgreSQL with one; it is aware on both sides of the door."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give what is kept."""
        del dialect
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give what was meant."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Words(TypeDecorator[str]):
    """Text as it stands in events: a zero character, which PostgreSQL does not take, is kept as the replacement character."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Give what is kept."""
        del dialect
        return None if value is None else value.replace("\0", "\N{REPLACEMENT CHARACTER}")


class Table(DeclarativeBase):
    """Where every table is registered."""


class Owned:
    """A row that belongs to a tenant; ids are its own, and another tenant may have the same."""

    tenant: Mapped[str] = mapped_column(String(TENANT_LENGTH), primary_key=True, sort_order=-2)
    """Whose it is; a session of a tenant sees no other's rows."""


class Numbered(Owned):
    """A row that belongs to a tenant and has a number that no other row of its table has."""

    tenant: Mapped[str] = mapped_column(String(TENANT_LENGTH), index=True, sort_order=-2)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True, sort_order=-1)
    """Order in which rows were added."""
