"""The store: what outlives a run. The only door to SQLAlchemy."""

from watchkeeper.store.database import Store, open_store

__all__ = ["Store", "open_store"]
