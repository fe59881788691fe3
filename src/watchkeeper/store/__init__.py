"""The store: what outlives a run. The only door to SQLAlchemy."""

from watchkeeper.store.database import CaseKept, Store, open_store

__all__ = ["CaseKept", "Store", "open_store"]
