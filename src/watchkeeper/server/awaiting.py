"""Waiting for the state database when a process starts. Owns trying again and saying so; opening it is the store's."""

import time
from collections.abc import Callable

from watchkeeper.server.vitals import Pulse
from watchkeeper.store import Place, Store, open_store

AGAIN_SECONDS = 1.0


def awaited(place: Place, pulse: Pulse, stopping: Callable[[], bool], pause_seconds: float = AGAIN_SECONDS) -> Store | None:
    """Open the store as soon as its database answers, and say meanwhile what is waited for; none if told to stop before.

    Raises:
        ValueError: it is no database that this version can use.
    """
    while not stopping():
        try:
            store = open_store(place)
        except OSError as error:
            pulse.phase("starting", str(error))
            time.sleep(pause_seconds)
        else:
            pulse.phase("starting")
            return store
    return None
