"""The database: SQLite in a folder, or PostgreSQL by URL. Owns connections, transactions and what their failures are called.

Several processes and threads may use one database. A transaction that writes has its tenant to itself from its first statement to its
last, whichever database it is: SQLite's `BEGIN IMMEDIATE` locks the file, an advisory lock of PostgreSQL the tenant.
"""

import errno
import os
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy import exc as sql_errors
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria

from watchkeeper.store.columns import Owned

FILE = "watchkeeper.db"
"""What the database in a folder is called."""
BUSY_SECONDS = 30
"""How long a transaction waits for another one before it gives up."""
CONNECT_SECONDS = 5
Place = Path | str
"""A folder with the database in it, or a URL."""
_LOCKS = 0x57_4B
"""First half of the numbers of our advisory locks in PostgreSQL; the second says what is locked."""
_FULL = {"53100", sqlite3.SQLITE_FULL}
_BUSY = {"55P03", "40P01", sqlite3.SQLITE_BUSY}
_DAMAGED = {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}


class Database:
    """Sessions over one database."""

    def __init__(self, engine: Engine) -> None:
        """Take the engine that `open_database` made."""
        self.engine = engine
        self._writer = engine.execution_options(writes=True)

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file of this machine."""
        return self.engine.dialect.name == "sqlite"

    @property
    def name(self) -> str:
        """What it is called in messages: never with a password."""
        url = self.engine.url
        return str(url.database) if self.is_sqlite else url.render_as_string(hide_password=True)

    @property
    def version(self) -> str:
        """Which database it is, as the server or library says."""
        with plain_failures(self.name), self.engine.connect() as connection:
            found = connection.dialect.server_version_info or ()
        return f"{'SQLite' if self.is_sqlite else 'PostgreSQL'} {'.'.join(map(str, found))}"

    def close(self) -> None:
        """Give connections back."""
        self.engine.dispose()

    @contextmanager
    def reading(self, tenant: str | None) -> Generator[Session]:
        """Give a session that sees the rows of one tenant, or of all if it is None.

        Raises:
            OSError: the database cannot be read (`ConnectionError`: it does not answer; `TimeoutError`: it is busy).
        """
        with plain_failures(self.name), Session(self.engine) as session:
            _bind(session, tenant)
            yield session

    @contextmanager
    def writing(self, tenant: str | None) -> Generator[Session]:
        """Give a session that sees the rows of one tenant, or of all if it is None, alone; it is kept as a whole or not at all.

        Raises:
            OSError: the database cannot be written (`ConnectionError`: it does not answer; `TimeoutError`: it is busy).
        """
        with plain_failures(self.name), Session(self._writer, expire_on_commit=False) as session, session.begin():
            if not self.is_sqlite:
                lock(session.connection(), tenant or "")
            _bind(session, tenant)
            yield session


def open_database(place: Place) -> Database:
    """Open the database in a folder, making the folder where it is missing, or at a URL of SQLite or PostgreSQL.

    Raises:
        OSError: the folder cannot be made.
        ValueError: it is no URL of a database that can be used here.
    """
    return _at(str(place)) if is_url(place) else _in(Path(place))


def is_url(place: Place) -> bool:
    """Say whether a place is a URL and no folder."""
    return isinstance(place, str) and "://" in place


def lock(connection: Connection, what: str) -> None:
    """Wait for one of our locks in PostgreSQL, which holds until the end of the transaction."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:ours, hashtext(:what))"), {"ours": _LOCKS, "what": what})


@contextmanager
def plain_failures(name: str) -> Generator[None]:
    """Turn what a database says of itself into what a caller can act on.

    Raises:
        OSError: `ConnectionError`, `TimeoutError`, or that the disk is full, the file damaged or not writable.
    """
    try:
        yield
    except sql_errors.TimeoutError as error:
        raise TimeoutError(f"database {name!r}: too many transactions at once; try again") from error
    except sql_errors.DBAPIError as error:
        failure = _failure(name, error)
        if failure is None:
            raise
        raise failure from error


def _failure(name: str, error: sql_errors.DBAPIError) -> OSError | None:
    code = _code(error)
    said = (str(error.orig).splitlines() or ["it said nothing"])[0]
    if code in _BUSY:
        return TimeoutError(f"database {name!r}: another process has been writing for {BUSY_SECONDS} seconds; try again")
    if code in _FULL:
        return OSError(errno.ENOSPC, f"no space left for the database; free some and try again ({said})", name)
    if code in _DAMAGED:
        return OSError(f"database {name!r} is damaged or no database ({said}); restore a backup of it")
    if isinstance(error.orig, sqlite3.OperationalError) and code not in {None, sqlite3.SQLITE_ERROR}:
        return OSError(f"database {name!r} cannot be used: {said}")
    if not isinstance(error.orig, sqlite3.Error) and (isinstance(error, sql_errors.OperationalError) or error.connection_invalidated):
        return ConnectionError(f"database {name!r} does not answer: {said}; nothing of this was kept, try again when it runs")
    return None


def _code(error: sql_errors.DBAPIError) -> int | str | None:
    if isinstance(error.orig, sqlite3.Error):
        code: int | None = getattr(error.orig, "sqlite_errorcode", None)
        return None if code is None else code & 0xFF
    return getattr(error.orig, "sqlstate", None)


def _bind(session: Session, tenant: str | None) -> None:
    if tenant is None:
        return

    def only_ours(state: ORMExecuteState) -> None:
        if state.is_select or state.is_update or state.is_delete:
            state.statement = state.statement.options(with_loader_criteria(Owned, lambda row: row.tenant == tenant, include_aliases=True))

    event.listen(session, "do_orm_execute", only_ours)


def _in(folder: Path) -> Database:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / FILE
    if not file.exists():
        os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))  # it holds keys and digests of tokens
    return _sqlite(URL.create("sqlite", database=str(file)))


def _at(place: str) -> Database:
    try:
        url = make_url(place)
    except (sql_errors.ArgumentError, ValueError):
        raise ValueError("the database's URL cannot be read; write it as postgresql://user:password@host:5432/name") from None
    kind = url.get_backend_name()
    if kind == "sqlite" and url.database not in {None, "", ":memory:"}:
        return _sqlite(url.set(drivername="sqlite"))
    if kind == "postgresql":
        return _postgresql(url.set(drivername="postgresql+psycopg"))
    shown = url.render_as_string(hide_password=True)
    raise ValueError(f"database {shown!r} is neither a file of sqlite nor postgresql; docs/running.md says what can be used")


def _sqlite(url: URL) -> Database:
    engine = create_engine(url, pool_size=5, max_overflow=20, pool_timeout=BUSY_SECONDS)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return Database(engine)


def _postgresql(url: URL) -> Database:
    options = f"{url.query.get('options', '')} -c lock_timeout={BUSY_SECONDS}s -c timezone=UTC"
    asked = {"connect_timeout": url.query.get("connect_timeout", CONNECT_SECONDS), "options": options}
    try:
        engine = create_engine(url, connect_args=asked, pool_pre_ping=True, pool_size=5, max_overflow=20, pool_timeout=BUSY_SECONDS)
    except ImportError as error:
        raise ValueError("PostgreSQL needs the extra `postgres`: pip install 'watchkeeper[postgres]'") from error
    return Database(engine)


def _prepare(connection: Any, _: object) -> None:
    connection.isolation_level = None  # sqlite3 would begin transactions itself, and only before some statements
    connection.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
    connection.execute("PRAGMA journal_mode=WAL")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")
