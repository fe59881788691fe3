"""Background: an ordinary day. Owns the order of its actors; each actor is one file with a `play`."""

from collections.abc import Callable

from watchkeeper.cyberrange.background import (
    administration,
    deployment,
    desks,
    helpdesk,
    mistakes,
    routines,
    scanner,
    servers,
    shares,
)
from watchkeeper.cyberrange.world import World

ACTORS: tuple[Callable[[World], None], ...] = (
    desks.play,
    routines.play,
    shares.play,
    servers.play,
    mistakes.play,
    helpdesk.play,
    administration.play,
    deployment.play,
    scanner.play,
)
"""In this order: people must sit at their desks before anything is done there."""
