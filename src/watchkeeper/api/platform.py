"""Platform: what the API stands on. Owns the list of functions and settings that are handed to it, not where they come from."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, cast

from fastapi import Depends, Request

from watchkeeper.model.health import Health
from watchkeeper.store import Store
from watchkeeper.store.people import People


def _now() -> datetime:
    return datetime.now(UTC)


def _nothing_runs() -> Health:
    return Health(is_ready=False, is_well=False, parts=())


@dataclass(frozen=True, slots=True)
class Platform:
    """What routers may use; each takes it as `The`."""

    people: People
    """Users, tokens, sessions and the audit log."""
    stores: Callable[[str], Store]
    """Give the store of a tenant."""
    clock: Callable[[], datetime] = _now
    """The time, UTC."""
    secure: bool = False
    """Whether it is reached by TLS alone."""
    state: Path = Path()
    """The state folder."""
    health: Callable[[], Health] = _nothing_runs
    """Say how the processes of the platform are."""
    metrics: Callable[[], bytes] = bytes
    """Write what they measure, as text for Prometheus."""


def _of(request: Request) -> Platform:
    return cast("Platform", request.app.state.platform)


The = Annotated[Platform, Depends(_of)]
"""A parameter of a route that is given the platform."""
