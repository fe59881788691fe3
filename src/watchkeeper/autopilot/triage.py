"""Triage: the verdict, first from the signals, again once the trace is there. Owns the call alone."""

from watchkeeper.autopilot.said import said
from watchkeeper.autopilot.world import World
from watchkeeper.model.incident import Incident
from watchkeeper.model.verdict import Verdict
from watchkeeper.triage import judge


def triage(incident: Incident, world: World) -> Verdict:
    """Judge what an incident is, with what is known about it by now."""
    return judge(incident, world.asset_of, world.experience, said(incident, world))
