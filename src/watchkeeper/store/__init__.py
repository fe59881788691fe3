"""The store: what outlives a run. The only door to SQLAlchemy."""

from watchkeeper.store.beside import Beside
from watchkeeper.store.cases import CaseKept
from watchkeeper.store.changes import Changed, ChangeKept
from watchkeeper.store.database import Store, checked_tenant, open_store
from watchkeeper.store.engine import Place
from watchkeeper.store.live import Advance, Order, Wanted

__all__ = [
    "Advance",
    "Beside",
    "CaseKept",
    "ChangeKept",
    "Changed",
    "Order",
    "Place",
    "Store",
    "Wanted",
    "checked_tenant",
    "open_store",
]
