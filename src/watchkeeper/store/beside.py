"""Where what carries flows is kept: a file beside our database in SQLite, a schema of its own in PostgreSQL. Owns the names alone.

It is no part of a backup: flows are begun again from what is in the store.
"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import URL, text

from watchkeeper.store.engine import Database, plain_failures

FLOWS_FILE = "flows.db"
"""What the file is called; another one than ours, since each change of a step is a transaction that would lock it."""


class Beside(NamedTuple):
    """A database that others than the store write."""

    url: str
    """Its address, with the password if there is one."""
    schema: str
    """Name of the schema; empty in SQLite, which has none."""


def beside(database: Database) -> Beside:
    """Give where flows are kept beside a database; the file is made where it is missing, for its owner alone.

    Raises:
        OSError: it cannot be made, or the database does not answer.
    """
    if database.is_sqlite:
        return _file(Path(str(database.engine.url.database)).with_name(FLOWS_FILE))
    with plain_failures(database.name), database.engine.connect() as connection:
        ours = str(connection.execute(text("SELECT current_schema()")).scalar())
    url = database.engine.url.render_as_string(hide_password=False)
    return Beside(url, "watchkeeper_flows" if ours == "public" else f"{ours}_flows")


def _file(path: Path) -> Beside:
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")  # the file keeps it; who opens it later need not know
    return Beside(URL.create("sqlite", database=str(path)).render_as_string(), "")
