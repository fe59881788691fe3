"""A worker process: its share of the journal, until it is told to stop. Owns the loop and its figures; what is done stands in `share`."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from watchkeeper.autopilot.options import Options
from watchkeeper.autopilot.share import Committed, Share
from watchkeeper.autopilot.streaming import Stream
from watchkeeper.journal import backlog, partition_of
from watchkeeper.lake import EventTable
from watchkeeper.server.vitals import Pulse

IDLE_SECONDS = 0.05
"""An idle worker looks for work so often."""
REFRESH_SECONDS = 60.0
"""What was installed of intelligence, or is looked out for, is taken up after so long at most."""

_log = structlog.get_logger("watchkeeper.worker")


@dataclass(frozen=True, slots=True)
class Duty:
    """What one worker does."""

    name: str
    """Name of the process, such as `worker-0`."""
    state: Path
    numbers: tuple[int, ...]
    """Partitions of the journal that are its own."""
    options: Options


def work(duty: Duty, stopping: Callable[[], bool]) -> None:
    """Take in what the journal holds until told to stop, then commit what was taken in.

    Raises:
        OSError: the journal, the lake or the rules cannot be read or written; the supervisor starts another.
        ValueError: rules or options cannot be used.
    """
    pulse = Pulse(duty.state, duty.name)
    with pulse.beating():
        stream = Stream(duty.options)
        pulse.set("rules", stream.rules)
        share = Share(duty.state, duty.numbers, stream, EventTable(duty.state / "lake" / "events"))
        pulse.phase("running")
        fresh = time.monotonic()
        while not stopping():
            done = share.step()
            _noted(pulse, duty, share, done)
            if time.monotonic() - fresh >= REFRESH_SECONDS:
                _refreshed(stream)
                fresh = time.monotonic()
            if not done:
                time.sleep(IDLE_SECONDS)
        pulse.phase("stopping")
        _noted(pulse, duty, share, share.finish())
        share.close()


def _refreshed(stream: Stream) -> None:
    try:
        stream.refresh()
    except (OSError, ValueError) as error:
        _log.error("intelligence cannot be read anew; what was known before stays", why=str(error))


def _noted(pulse: Pulse, duty: Duty, share: Share, done: list[Committed]) -> None:
    for one in done:
        pulse.add("lake_events", one.events)
        pulse.add("events_read", one.events)
        pulse.add("lake_commits")
        pulse.set("detection_lag_seconds", one.lag_seconds)
    if done:
        waiting = sum(backlog(partition_of(duty.state / "journal", number), share.position(number)) for number in duty.numbers)
        pulse.set("journal_bytes", waiting)
    pulse.set("journal_lag_seconds", share.behind_seconds)
    pulse.set("journal_damaged_bytes", share.damaged_bytes)
    pulse.set("journal_set_aside", share.set_aside)
