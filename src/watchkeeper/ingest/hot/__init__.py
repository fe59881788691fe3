"""The hot lane: Windows events in lines of JSON, straight from bytes to stored columns. Owns no meaning that readers lack."""

from watchkeeper.ingest.hot.lane import HotLane

__all__ = ["HotLane"]
