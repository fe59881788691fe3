"""Track: what to look out for until the incident is closed. Owns the call alone."""

from watchkeeper.autopilot.world import World
from watchkeeper.model.impact import Watchlist
from watchkeeper.model.incident import Incident
from watchkeeper.tracing import watch


def track(incident: Incident, world: World) -> Watchlist:
    """Name what follows the attacker, and look for it in the whole record."""
    return watch(incident, world.search)
