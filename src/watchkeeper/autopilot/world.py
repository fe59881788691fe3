"""World: what a step may ask for. Owns the bundle that the flow hands down, so that steps take functions and import no service."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from watchkeeper.attack import Catalogue
from watchkeeper.model.asset import Asset
from watchkeeper.model.impact import Weaknesses
from watchkeeper.model.incident import Incident
from watchkeeper.model.query import Search
from watchkeeper.tracing.outlook import Watching
from watchkeeper.triage import NO_EXPERIENCE, Experience


def no_inventory(_: Sequence[str]) -> Weaknesses:
    """Know nothing of what is installed."""
    return Weaknesses(items=(), source="")


def unwatched(_: str) -> Watching:
    """Know of no rules."""
    return Watching(rules=0, telemetry=())


@dataclass(frozen=True, slots=True)
class World:
    """The record and what is known about the organisation."""

    search: Search
    """Answers queries over every event of the record."""
    signals_of: Callable[[Incident], pa.Table]
    """Gives an incident's signals, as in `PLACED_SCHEMA`."""
    asset_of: Callable[[str], Asset]
    """Gives what is known about a host, account or address."""
    record_end: datetime | None
    """Time of the last event of the record, UTC."""
    weaknesses_of: Callable[[Sequence[str]], Weaknesses] = no_inventory
    """Gives what an inventory says was open on hosts."""
    experience: Experience = NO_EXPERIENCE
    """What people said of earlier incidents and sessions."""
    catalogue: Catalogue | None = None
    """ATT&CK's groups, software and campaigns, if they were imported."""
    watched: Callable[[str], Watching] = unwatched
    """Gives what the loaded rules do about a technique."""
