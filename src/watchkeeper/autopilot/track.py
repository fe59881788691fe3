"""Track: what to look out for until the incident is closed, and what may lie ahead. Owns the calls alone."""

from watchkeeper.autopilot.world import World
from watchkeeper.model.impact import Watchlist
from watchkeeper.model.incident import Incident
from watchkeeper.model.outlook import Outlook
from watchkeeper.tracing import watch
from watchkeeper.tracing.outlook import look_ahead


def track(incident: Incident, world: World) -> Watchlist:
    """Name what follows the attacker, and look for it in the whole record."""
    return watch(incident, world.search)


def outlook(incident: Incident, world: World) -> Outlook:
    """Say what it seems to be about, what may follow, and which known groups work alike."""
    return look_ahead(incident, world.catalogue, world.watched)
