"""User: a person who signs in, and what is kept to know them by. Owns the shapes; how they prove who they are stands elsewhere."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from watchkeeper.model.noun import Noun
from watchkeeper.model.principal import EVERY_TENANT, ROLES, Role

LOGIN = r"^[a-z0-9][a-z0-9._@-]{0,63}$"
Login = Annotated[str, Field(pattern=LOGIN)]
"""What a person types to sign in: small letters, digits, `.`, `_`, `@` and `-`."""


class User(Noun):
    """A person, and what they may do where."""

    login: Login
    """What they type to sign in; it never changes."""
    roles: tuple[tuple[str, Role], ...]
    """Tenant, or `*` for every tenant, and the role held there."""
    made: AwareDatetime
    """When they were added, UTC."""
    made_by: str
    """Who added them."""
    password_since: AwareDatetime
    """Since when they have this password, UTC."""
    second_factor: bool = False
    """Whether signing in takes a code besides the password."""
    disabled: AwareDatetime | None = None
    """Since when they may not sign in, UTC; none if they may."""

    def may_be_managed_by(self, roles: tuple[tuple[str, Role], ...]) -> bool:
        """Say whether somebody with such roles decides about all that this user may do: an admin wherever the user has a role."""
        admin = {tenant for tenant, role in roles if role == ROLES[-1]}
        held = {tenant for tenant, _ in self.roles}
        return EVERY_TENANT in admin or (bool(held) and held <= admin)


@dataclass(frozen=True, slots=True)
class Account:
    """A user with what they are known by; it never leaves the server."""

    user: User
    password: str = field(repr=False)
    """Argon2id hash, with its parameters."""
    secret: str = field(default="", repr=False)
    """Secret of the second factor, Base32; empty without one."""
    step: int = 0
    """Newest period of 30 seconds whose code was used."""
    recovery: tuple[str, ...] = field(default=(), repr=False)
    """Digests of the recovery codes that are left."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A person's session in a browser."""

    login: str
    began: datetime
    """When they signed in, UTC."""
    seen: datetime
    """When they last did something, UTC, to the minute."""
    address: str
    """Address that they signed in from."""
