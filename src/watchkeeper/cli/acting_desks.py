"""At the desks for actions and policy. Owns opening them over a state folder, and that a person who decides is one who is known."""

import getpass
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from watchkeeper.assets import read_assets
from watchkeeper.autopilot.action_desk import ActionDesk
from watchkeeper.autopilot.circumstances import circumstances
from watchkeeper.autopilot.edits import Who
from watchkeeper.autopilot.inventory import own_of
from watchkeeper.autopilot.people import acting_person
from watchkeeper.autopilot.policy_desk import PolicyDesk
from watchkeeper.autopilot.verified_lists import VerifiedLists
from watchkeeper.cli.opened import opened
from watchkeeper.cli.plainly import plain_errors
from watchkeeper.cli.remote_acting import RemoteActions, RemotePolicy
from watchkeeper.cli.server import connected
from watchkeeper.cli.where import Where, server_of
from watchkeeper.model.principal import DEFAULT_TENANT, EVERY_TENANT, Role
from watchkeeper.notify.routes import FILE as ROUTES
from watchkeeper.notify.routes import read_routes
from watchkeeper.settings import read_settings
from watchkeeper.store.people import People


class Desks(NamedTuple):
    """What a person sits at."""

    actions: ActionDesk | RemoteActions
    policy: PolicyDesk | RemotePolicy
    people: People | None
    """Who is known; none at a server, which knows by itself who asks."""
    tenant: str

    def who(self, why: str, by: str | None, role: Role | None = None, *, every: bool = False) -> Who:
        """Say who acts: anybody for what only makes things safer; who has a role, and is known as a user, for everything else.

        Raises:
            ValueError: there is no such user.
            PermissionError: they may not decide that.
            ValueError: a server is asked, and somebody is named all the same.
        """
        if self.people is None:
            if by:
                raise ValueError("--by is for a state folder; a server knows who you are by your token")
            return Who("", why, datetime.now(UTC))
        return acting(self.people, why, by, role, EVERY_TENANT if every else self.tenant)


def acting(people: People, why: str, by: str | None, role: Role | None, tenant: str) -> Who:
    """Say who acts in a state folder; who has to have a role is known as a user.

    Raises:
        ValueError: there is no such user.
        PermissionError: they may not decide that.
    """
    name = by or getpass.getuser()
    if role is not None:
        acting_person(people, name, role, tenant)
    return Who(name, why, datetime.now(UTC))


@contextmanager
def desks_at(where: Where, assets: Path | None = None) -> Generator[Desks]:
    """Give the desks of a state folder; what goes wrong at them is said in one plain line."""
    with plain_errors():
        if url := server_of(where):
            if assets:
                raise ValueError("--assets is for a state folder; a server has its own")
            with connected(url, where) as server:
                yield Desks(RemoteActions(server), RemotePolicy(server), None, where.tenant or DEFAULT_TENANT)
            return
        told = read_assets(assets) if assets else ()
    tenant = where.tenant or DEFAULT_TENANT
    settings = read_settings(where.state)
    state, content = settings.state, settings.rules
    with opened(where.state, tenant) as (store, people):
        lists = VerifiedLists(content, state, own_of(store))
        actions = ActionDesk(store, people.audit, lambda: circumstances(store, state, lambda: datetime.now(UTC), told, content), lists)
        yield Desks(actions, PolicyDesk(store, people, actions.about, lambda: read_routes(state / ROUTES)), people, tenant)
