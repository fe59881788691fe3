"""The whole server: which processes there are, and their lives from start to stop. Owns nothing of what they do.

One web process takes in and answers; workers bring what was taken in to the lake and find signals in it; the keeper makes incidents;
flows are walked in a process of their own.
"""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from watchkeeper.autopilot.options import Options
from watchkeeper.autopilot.workers import cores
from watchkeeper.journal import made
from watchkeeper.server.claim import claimed
from watchkeeper.server.flows import FlowDuty, walk_flows
from watchkeeper.server.keeper import Office, keep
from watchkeeper.server.logs import Logs, configure
from watchkeeper.server.processes import Child, Children
from watchkeeper.server.web import Web, serve
from watchkeeper.server.worker import Duty, work

LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Whole:
    """What a server is made of."""

    web: Web
    options: Options
    workers: int = 0
    """Worker processes; 0: one a core, but no more than the journal has partitions."""
    logs: Logs = field(default=Logs("json", "info"))
    """How every process writes its log."""


def run(whole: Whole, started: Callable[[], None]) -> None:
    """Start every process and watch over them until a signal says to stop; `started` is called once they are on their way.

    Raises:
        ValueError: another server works on the state folder.
    """
    configure(whole.logs)
    with claimed(whole.web.state):
        _watched(Children(_children(whole), whole.logs, whole.web.state), started)


def _watched(children: Children, started: Callable[[], None]) -> None:
    told: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda which, _: told.append(which))
    children.start()
    started()
    while not told:
        time.sleep(LOOK_SECONDS)
        children.look()
    children.stop()


def _children(whole: Whole) -> list[Child]:
    state = whole.web.state
    count = made(state / "journal")  # before any child counts them
    workers = min(count, whole.workers or cores())
    shares = [tuple(range(first, count, workers)) for first in range(workers)]
    duties = [Duty(f"worker-{number}", state, share, whole.options) for number, share in enumerate(shares)]
    office = Office(state, whole.web.database, whole.options)
    flows = FlowDuty(state, whole.web.database, whole.options)
    first = [Child("web", serve, whole.web), *(Child(duty.name, work, duty) for duty in duties)]
    return [*first, Child("keeper", keep, office), Child("flows", walk_flows, flows)]
