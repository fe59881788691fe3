"""Migrations: which schema a database has, and bringing it to ours. Owns the lock under which that happens."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from watchkeeper.store.engine import Database, lock, plain_failures

_STEPS = Path(__file__).parent / "migrations" / "versions"


def revisions() -> tuple[str, ...]:
    """Give the revisions that this version knows, the oldest first: files are called `v0001_what_it_brings.py`."""
    return tuple(sorted(path.stem.split("_")[0].removeprefix("v") for path in _STEPS.glob("v*.py")))


def revision_of(connection: Connection) -> str | None:
    """Give the revision of a database; none if it is empty, or older than revisions."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def upgrade(database: Database, to: str = "head") -> None:
    """Bring a database to our schema; of several processes one does it, and the others wait.

    Raises:
        OSError: the database cannot be read or written, or does not answer.
        ValueError: a newer version of Watchkeeper made it.
    """
    known = revisions()
    wanted = known[-1] if to == "head" else to
    with plain_failures(database.name):
        with database.engine.connect() as connection:
            if _checked(database, connection, known) == wanted:
                return
        with database.engine.execution_options(writes=True).begin() as connection:
            if not database.is_sqlite:
                lock(connection, "migrations")
            if _checked(database, connection, known) != wanted:
                _migrate(connection, wanted)


def _checked(database: Database, connection: Connection, known: tuple[str, ...]) -> str | None:
    found = revision_of(connection)
    if found is not None and found not in known:
        raise ValueError(
            f"database {database.name!r} has revision {found}, and this version knows {known[-1]} at most: a newer Watchkeeper made it; "
            "install that version or restore a backup"
        )
    return found


def _migrate(connection: Connection, to: str) -> None:
    from watchkeeper.store.migrations import migrate  # noqa: PLC0415 -- Alembic takes half a second to load, and most find nothing to do

    migrate(connection, to)
