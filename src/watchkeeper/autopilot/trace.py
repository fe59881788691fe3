"""Trace: the entry, the path and the effects. Owns the call alone."""

from watchkeeper.autopilot.world import World
from watchkeeper.model.incident import Incident
from watchkeeper.model.trace import Trace
from watchkeeper.tracing import trace as follow


def trace(incident: Incident, world: World) -> Trace:
    """Trace an incident through the record."""
    return follow(incident, world.signals_of(incident), world.search)
