"""What every group of rows shares: a database, a tenant, and what is told of its changes. Owns no table."""

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy.orm import Session

from watchkeeper.store.engine import Database

Tell = Callable[[Session], object]
"""Add to the audit log within a transaction."""


class Rows:
    """The rows of one tenant in one database."""

    def __init__(self, database: Database, tenant: str, tell: Tell | None = None) -> None:
        """Take where they are and whose, and what is told with each change."""
        self.database = database
        self.tenant = tenant
        self._tell = tell

    def _reading(self) -> AbstractContextManager[Session]:
        return self.database.reading(self.tenant)

    @contextmanager
    def _writing(self) -> Generator[Session]:
        with self.database.writing(self.tenant) as session:
            yield session
            if self._tell is not None:
                self._tell(session)
