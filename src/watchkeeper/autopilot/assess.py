"""Assess: how far it went. Owns the call alone."""

from watchkeeper.autopilot.world import World
from watchkeeper.model.impact import Impact
from watchkeeper.model.incident import Incident
from watchkeeper.tracing import assess as bound


def assess(incident: Incident, world: World) -> Impact:
    """Bound what was touched, probably touched and possibly touched."""
    return bound(incident, world.asset_of)
