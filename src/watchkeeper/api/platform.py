"""Platform: what the API stands on. Owns the list of functions and settings that are handed to it, not where they come from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, cast

from fastapi import Depends, Request

from watchkeeper.api.rates import Rate
from watchkeeper.assets import read_assets
from watchkeeper.autopilot.action_desk import ActionDesk
from watchkeeper.autopilot.circumstances import circumstances
from watchkeeper.autopilot.incident_record import EventsOf
from watchkeeper.autopilot.inventory import own_of
from watchkeeper.autopilot.options import Options
from watchkeeper.autopilot.sql_desk import SqlDesk
from watchkeeper.autopilot.verified_lists import VerifiedLists
from watchkeeper.brain.ethics.circumstances import Circumstances
from watchkeeper.model.checked import Checked, Empty
from watchkeeper.model.health import Health
from watchkeeper.model.vitals import Heard
from watchkeeper.store import Store
from watchkeeper.store.people import People

_ASKING, _SIGNING_IN = Rate(burst=200, a_second=50), Rate(burst=10, a_second=0.5)


def _now() -> datetime:
    return datetime.now(UTC)


_USUAL = Options(paths=())


def _never() -> bool:
    return False


def _no_stream(_: str) -> None:
    return None


def _nothing_runs() -> Health:
    return Health(is_ready=False, is_well=False, parts=())


def _nothing_found(_: Empty | None) -> tuple[Checked, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much one may ask."""

    by_address: Rate = _ASKING
    """Requests of one address, whoever asks."""
    by_principal: Rate = _ASKING
    """Requests of one user or token."""
    sign_ins: Rate = _SIGNING_IN
    """Attempts to sign in from one address, failed or not."""
    body_bytes: int = 1 << 20
    """Bytes of a request."""
    body_depth: int = 32
    """Brackets within brackets of a request."""


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
    bounds: Bounds = field(default_factory=Bounds)
    """How much one may ask."""
    state: Path = Path()
    """The state folder: installed intelligence lies in it."""
    content: Path = Path()
    """Folder of installed content: rules of one's own, ATT&CK."""
    options: Options = _USUAL
    """Which rules run, as the workers have it."""
    assets: Path | None = None
    """The inventory that the server was started with."""
    events_of: EventsOf = _no_stream
    """Give what answers queries over a tenant's events of the stream; none where none are kept."""
    sql: SqlDesk | None = None
    """Answers questions in SQL over the events of the stream; none where none are kept."""
    heard: Callable[[], Sequence[Heard]] = tuple
    """What the processes heard of senders."""
    stopping: Callable[[], bool] = _never
    """Say whether this process stops: who listens is let go then."""
    health: Callable[[], Health] = _nothing_runs
    """Say how the processes of the platform are."""
    metrics: Callable[[], bytes] = bytes
    """Write what they measure, as text for Prometheus."""
    checkup: Callable[[Empty | None], tuple[Checked, ...]] = _nothing_found
    """Look the platform over, or say why something is empty."""

    def action_desk(self, store: Store) -> ActionDesk:
        """Give the desk for actions of a tenant's store; `response.yml` and the inventory are read anew when they are asked for."""
        content = self.content if self.content != Path() else None

        def about() -> Circumstances:
            return circumstances(store, self.state, self.clock, read_assets(self.assets) if self.assets else (), content)

        return ActionDesk(store, self.people.audit, about, VerifiedLists(content, self.state, own_of(store)))


def _of(request: Request) -> Platform:
    return cast("Platform", request.app.state.platform)


The = Annotated[Platform, Depends(_of)]
"""A parameter of a route that is given the platform."""
