"""Health of the platform from what its processes said. Pure; where that was said is `vitals`' business."""

from collections.abc import Sequence
from datetime import datetime

from watchkeeper.model.health import Health, Part
from watchkeeper.model.vitals import Vitals
from watchkeeper.server.vitals import is_alive

WEB = "web"
"""Name of the process that takes events in."""


def health(every: Sequence[Vitals], now: datetime) -> Health:
    """Judge by what every process last said."""
    parts = tuple(_part(one, now) for one in every if one.phase != "stopped" or one.hindered)
    well = {part.name: part.state == "running" and not part.hindered for part in parts}
    return Health(is_ready=well.get(WEB, False), is_well=bool(well) and all(well.values()), parts=parts)


def _part(vitals: Vitals, now: datetime) -> Part:
    state = vitals.phase if is_alive(vitals, now) or vitals.phase == "stopped" else "silent"
    return Part(name=vitals.process, state=state, hindered=vitals.hindered, seen=vitals.written)
