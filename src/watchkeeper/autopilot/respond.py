"""Respond: what should be done. Owns the call alone; nothing is executed."""

from watchkeeper.autopilot.world import World
from watchkeeper.model.action import Plan
from watchkeeper.model.incident import Incident
from watchkeeper.response import plan


def respond(incident: Incident, world: World) -> Plan:
    """Suggest actions for an incident."""
    return plan(incident, world.asset_of)
