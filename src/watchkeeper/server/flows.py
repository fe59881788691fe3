"""The flows process: incidents are walked from verdict to report, and what time and people ask for is done. Owns the process alone.

Only this process loads DBOS: it is imported when it runs, so that the one that starts all others stays small.
"""

import asyncio
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from watchkeeper.autopilot.live.around import Surroundings
from watchkeeper.autopilot.options import Options
from watchkeeper.model.flow import FlowState
from watchkeeper.server.awaiting import awaited
from watchkeeper.server.processes import Stopping
from watchkeeper.server.vitals import Pulse
from watchkeeper.settings import read_settings
from watchkeeper.store import Store

if TYPE_CHECKING:
    from watchkeeper.autopilot.durable import walker

MOST_PLACES = 16
"""Places that can be slow at the same time without keeping other flows waiting."""
_POLITE = 5
_STATES: tuple[FlowState, ...] = ("walking", "waiting", "failed")
_FIGURES_SECONDS = 5.0

_log = structlog.get_logger("watchkeeper.flows")


@dataclass(frozen=True, slots=True)
class FlowDuty:
    """What the flows process does."""

    state: Path
    database: Path | str
    options: Options


def walk_flows(duty: FlowDuty, stopping: Stopping) -> None:
    """Walk flows until told to stop; those that wait go on at the next start.

    Raises:
        OSError: the database or the key cannot be used; the supervisor starts another.
        ValueError: the inventory or the key cannot be used, or another server took over from this one.
    """
    os.nice(_POLITE)
    pulse = Pulse(duty.state, "flows")
    with pulse.beating():
        store = awaited(duty.database, pulse, stopping)
        if store is not None:
            with closing(store), closing(Surroundings(duty.options, duty.state / "lake" / "events")) as world:
                _walked(duty, store, world, pulse, stopping)


def _walked(duty: FlowDuty, store: Store, world: Surroundings, pulse: Pulse, stopping: Stopping) -> None:
    from watchkeeper.autopilot.durable import running  # noqa: PLC0415 -- DBOS takes a second to load, which this process alone pays

    with ThreadPoolExecutor(MOST_PLACES, thread_name_prefix="step") as threads:
        office = running.office(store, duty.state, world, (duty.options.assets, read_settings().rules), (threads, _told))
        noted = _Noted(pulse, store)
        pulse.phase("running")
        asyncio.run(running.walk(office, stopping, noted.seen))
    pulse.phase("stopping")


def _told(event: str, about: Mapping[str, Any]) -> None:
    _log.warning(event, **about)


class _Noted:
    """Says once in a while how flows go."""

    def __init__(self, pulse: Pulse, store: Store) -> None:
        """Take where it is said."""
        self._pulse = pulse
        self._store = store
        self._due = 0.0

    def seen(self, one: "walker.Walker") -> None:
        """Say it, if it is due."""
        now = asyncio.get_running_loop().time()
        self._pulse.phase("running", one.hindered)
        if now < self._due:
            return
        self._due = now + _FIGURES_SECONDS
        counts = self._store.count_flows()
        for state in _STATES:
            self._pulse.set("flows", counts.get(state, 0), state=state)
