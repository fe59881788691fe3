"""The store of one tenant: everything that outlives a run. Owns opening it; what it does stands with each group of rows."""

import re

from watchkeeper.model.audit import Happened
from watchkeeper.model.principal import DEFAULT_TENANT
from watchkeeper.store.audit import AuditLog
from watchkeeper.store.beside import Beside, beside
from watchkeeper.store.cases import Cases
from watchkeeper.store.changes import Changes
from watchkeeper.store.engine import Place, open_database
from watchkeeper.store.exercises import Exercises
from watchkeeper.store.flows import Flows
from watchkeeper.store.learnt import Learnt
from watchkeeper.store.ledger import TenantLedger
from watchkeeper.store.live import Live
from watchkeeper.store.lookout import Lookout
from watchkeeper.store.outbox import Telling
from watchkeeper.store.questions import Questions
from watchkeeper.store.remarks import Remarks
from watchkeeper.store.senders import Platform
from watchkeeper.store.upgrade import upgrade
from watchkeeper.store.words import Said

_TENANT = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")


class Store(Cases, Said, Remarks, Learnt, Lookout, Live, Platform, Telling, Flows, Exercises, Questions, Changes):
    """Everything that is kept of one tenant; safe for several threads and processes at once."""

    def of(self, tenant: str) -> "Store":
        """Give the store of another tenant over the same connections.

        Raises:
            ValueError: no tenant can be called so.
        """
        return Store(self.database, checked_tenant(tenant))

    def noting(self, audit: AuditLog, happened: Happened) -> "Store":
        """Give the same store, where what changes is told in the audit log by the transaction that changes it: one entry each."""
        return Store(self.database, self.tenant, lambda session: audit.add(session, happened))

    def ledger(self, audit: AuditLog) -> TenantLedger:
        """Give what is kept of the tenant's actions, where every change is told in the audit log by the transaction that makes it."""
        return TenantLedger(self.database, audit, self.tenant)

    def beside(self) -> Beside:
        """Give where what carries flows is kept, see `beside`.

        Raises:
            OSError: it cannot be made, or the database does not answer.
        """
        return beside(self.database)

    def close(self) -> None:
        """Give connections back."""
        self.database.close()


def open_store(place: Place, tenant: str = DEFAULT_TENANT) -> Store:
    """Open the database in a folder, or at a URL of SQLite or PostgreSQL, for one tenant; what is missing is made, what is old upgraded.

    Raises:
        OSError: it cannot be made, read or written, or does not answer.
        ValueError: the URL, its driver or the tenant's name is none that can be used, or a newer Watchkeeper made the database.
    """
    name = checked_tenant(tenant)
    database = open_database(place)
    try:
        upgrade(database)
    except BaseException:
        database.close()
        raise
    return Store(database, name)


def checked_tenant(name: str) -> str:
    """Give the name of a tenant if one can be called so: it stands in paths of files too.

    Raises:
        ValueError: it cannot.
    """
    if not _TENANT.fullmatch(name) or ".." in name:
        raise ValueError(f"tenant {name[:80]!r} is no name; use up to 63 small letters, digits, `.`, `_` and `-`")
    return name
