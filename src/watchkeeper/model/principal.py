"""Principal: who asks, and what they may do. Owns roles, scopes and their order; how somebody proves who they are stands elsewhere."""

from typing import Literal

from watchkeeper.model.noun import Noun

Role = Literal["viewer", "analyst", "responder", "admin"]
"""What a person may do: look; judge, hunt and change what is shown; act; decide who may do what. Each may what the ones before it may."""
ROLES: tuple[Role, ...] = ("viewer", "analyst", "responder", "admin")
"""Every role, the lowest first."""
Scope = Literal["read", "write", "admin"]
"""What a token may be used for, whatever its role: to look; to change; to decide who may do what. None includes another."""
SCOPES: tuple[Scope, ...] = ("read", "write", "admin")
"""Every scope; a person who signed in has them all. To send telemetry is no scope: a sender's token does that, and nothing else."""
DEFAULT_TENANT = "default"
"""The tenant of whoever watches over one organisation only."""
EVERY_TENANT = "*"
"""In the place of a tenant: all that there are and will be."""


class Principal(Noun):
    """A person or a program that was let in, and what it asks about."""

    name: str
    """Login of the user, or name of the API token."""
    roles: tuple[tuple[str, Role], ...]
    """Tenant, or `*` for every tenant, and the role held there."""
    token: str = ""
    """Id of the API token it came with; empty for a person who signed in."""
    scopes: tuple[Scope, ...] = SCOPES
    """What it may do with its role."""
    tenant: str = DEFAULT_TENANT
    """Tenant that it asks about: its role there was checked. `*` where a request is about every tenant."""
    made_by: str = ""
    """Who made the API token it came with; empty for a person who signed in."""
    address: str = ""
    """Address that it asks from; empty for the command line."""

    def role_in(self, tenant: str) -> Role | None:
        """Give the highest role held in a tenant; none if it has no business there."""
        held: list[Role] = [role for where, role in self.roles if where in {tenant, EVERY_TENANT}]
        return max(held, key=ROLES.index) if held else None

    def may(self, role: Role, tenant: str) -> bool:
        """Say whether it has a role, or a higher one, in a tenant."""
        held = self.role_in(tenant)
        return held is not None and ROLES.index(held) >= ROLES.index(role)
