"""Everything that a shipper talks to. Owns cutting what it sends into records; keeping them, and knowing who sends, are functions given."""

from watchkeeper.ingest.listeners.counts import Count, Counts
from watchkeeper.ingest.listeners.doors import doors
from watchkeeper.ingest.listeners.exchange import Desk, Limits

__all__ = ["Count", "Counts", "Desk", "Limits", "doors"]
