"""Steps from each schema of the database to the next one. Owns no lock: `watchkeeper.store.upgrade` takes it."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def migrate(connection: Connection, to: str) -> None:
    """Bring a database to a revision, within the transaction of the connection."""
    found = Config()
    found.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    found.attributes["connection"] = connection
    command.upgrade(found, to)
