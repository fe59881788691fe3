"""`/api/users`: who may sign in, and with which role where."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from watchkeeper.api.deciding import AdminOfAny, told_plainly
from watchkeeper.api.platform import The
from watchkeeper.api.sign_in import Password
from watchkeeper.autopilot.people import add_user, drop_second_factor, known_users, seen_by, set_disabled, set_password, set_role
from watchkeeper.model.noun import Noun
from watchkeeper.model.principal import Role
from watchkeeper.model.user import Login, User

router = APIRouter(prefix="/api/users", tags=["users"])


class NewUser(Noun):
    """A user to add."""

    login: Annotated[Login, Field(examples=["rosa"])]
    """What they type to sign in."""
    password: Password
    """Their first password; they should change it."""
    role: Role
    """Their role in the tenant that is asked about."""


class RoleWanted(Noun):
    """A role in the tenant that is asked about."""

    role: Role | None
    """The role; none takes it away."""


class PasswordWanted(Noun):
    """Another password."""

    password: Password
    """The password."""


class DisabledWanted(Noun):
    """Whether somebody may sign in."""

    disabled: bool
    """Whether they may not."""


@router.get("")
def listed(the: The, who: AdminOfAny) -> tuple[User, ...]:
    """List users with a role in the tenant; with `*`, all."""
    return known_users(the.people, who)


@router.post("", status_code=201)
def add(the: The, asked: NewUser, who: AdminOfAny) -> User:
    """Add a user with a role in the tenant; with `*`, in every tenant."""
    with told_plainly():
        return add_user(the.people, asked.login, asked.password, [(who.tenant, asked.role)], who, the.clock())


@router.put("/{login}/role")
def role(the: The, login: Login, asked: RoleWanted, who: AdminOfAny) -> User:
    """Give a user another role in the tenant, or none."""
    with told_plainly():
        return seen_by(set_role(the.people, login, asked.role, who, the.clock()), who)


@router.put("/{login}/disabled")
def disabled(the: The, login: Login, asked: DisabledWanted, who: AdminOfAny) -> User:
    """Say whether a user may sign in; their sessions end at once if not."""
    with told_plainly():
        return set_disabled(the.people, login, who, the.clock(), disabled=asked.disabled)


@router.put("/{login}/password", status_code=204)
def password(the: The, login: Login, asked: PasswordWanted, who: AdminOfAny) -> None:
    """Give a user another password; their sessions end."""
    with told_plainly():
        set_password(the.people, login, asked.password, who, the.clock())


@router.delete("/{login}/second-factor", status_code=204)
def second_factor(the: The, login: Login, who: AdminOfAny) -> None:
    """Take away the second factor of a user who lost it."""
    with told_plainly():
        drop_second_factor(the.people, login, who, the.clock())
