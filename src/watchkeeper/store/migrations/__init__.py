"""Steps from each schema of the database to the next one. Owns no lock: `watchkeeper.store.upgrade` takes it."""

from pathlib import Path
from threading import Lock

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

_ONE_AT_A_TIME = Lock()
"""Alembic keeps what it is doing in its module: two databases cannot be upgraded at once in one process."""


def migrate(connection: Connection, to: str) -> None:
    """Bring a database to a revision, within the transaction of the connection."""
    found = Config()
    found.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    found.attributes["connection"] = connection
    with _ONE_AT_A_TIME:
        command.upgrade(found, to)
