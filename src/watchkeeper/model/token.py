"""API token: what a program shows in the place of a person. Owns what is known of it; its digest is kept by the store, itself nowhere."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from watchkeeper.model.noun import Noun
from watchkeeper.model.principal import SCOPES, Role, Scope


class ApiToken(Noun):
    """A token of a program: what it may do, where and until when."""

    id: str
    """16 hex digits; what people name it by. It is no part of the secret."""
    name: str
    """What it is for, in the words of who made it."""
    tenant: str
    """Tenant that it is for, or `*` for every tenant."""
    role: Role
    """Role that it has there."""
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1)] = SCOPES
    """What it may be used for."""
    made: AwareDatetime
    """When it was made, UTC."""
    made_by: str
    """Who made it."""
    expires: AwareDatetime | None
    """When it ends by itself, UTC; none if it never does."""
    last_used: AwareDatetime | None = None
    """When it was last used, UTC, to the minute; none if it never was."""
    revoked: AwareDatetime | None = None
    """When a person ended it, UTC."""

    def holds(self, now: AwareDatetime) -> bool:
        """Say whether it lets anybody in at a time."""
        return self.revoked is None and (self.expires is None or now < self.expires)
