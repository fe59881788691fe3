"""What every group of rows shares: a database and a tenant. Owns no table."""

from contextlib import AbstractContextManager

from sqlalchemy.orm import Session

from watchkeeper.store.engine import Database


class Rows:
    """The rows of one tenant in one database."""

    def __init__(self, database: Database, tenant: str) -> None:
        """Take where they are and whose."""
        self.database = database
        self.tenant = tenant

    def _reading(self) -> AbstractContextManager[Session]:
        return self.database.reading(self.tenant)

    def _writing(self) -> AbstractContextManager[Session]:
        return self.database.writing(self.tenant)
