"""Running flows in a server: an office beside a lake. Owns who is well enough to act, and what the process that walks imports."""

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from watchkeeper.autopilot.durable.carrier import executor_of
from watchkeeper.autopilot.durable.outfit import Outfit
from watchkeeper.autopilot.durable.walker import Office, walk
from watchkeeper.autopilot.live.around import Surroundings
from watchkeeper.store import Store

__all__ = ["office", "walk"]
Told = Callable[[str, Mapping[str, Any]], None]


def office(store: Store, state: Path, world: Surroundings, files: tuple[Path | None, Path | None], work: tuple[Executor, Told]) -> Office:
    """Put together what a walker works with; `files` are the inventory and the folder of installed content, as far as there are any.

    `work` are the threads of steps, and who is told of what is worth a line in the log.

    Raises:
        OSError: the state folder cannot be used.
        ValueError: its file with the executor's own name is damaged.
    """
    threads, told = work
    hands = Outfit(store, state, world, *files).hands(executor_of(state))
    return Office(store, state, hands, threads, told)
