"""Assess: how far it went, and what was open to it. Owns the calls alone."""

from watchkeeper.autopilot.world import World
from watchkeeper.model.impact import Impact, Weaknesses
from watchkeeper.model.incident import Incident
from watchkeeper.tracing import assess as bound


def assess(incident: Incident, world: World) -> Impact:
    """Bound what was touched, probably touched and possibly touched."""
    return bound(incident, world.asset_of)


def weaknesses(incident: Incident, world: World) -> Weaknesses:
    """Say what the inventory knows of the hosts that it concerns, the confirmed ones first."""
    touched = (*incident.impact.confirmed, *incident.impact.probable) if incident.impact else ()
    hosts = (item.entity.value for item in touched if item.entity.kind == "host")
    return world.weaknesses_of(tuple(dict.fromkeys((*incident.hosts, *hosts))))
