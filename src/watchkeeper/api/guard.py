"""The guard of every route: who asks, about which tenant, and whether they may. Owns that decision; what a token is stands in `access`."""

from typing import Annotated

from fastapi import HTTPException, Query, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from watchkeeper.access.tokens import digest, looks_like
from watchkeeper.api.platform import Platform, The
from watchkeeper.model.principal import DEFAULT_TENANT, EVERY_TENANT, Principal, Role, Scope

_BEARER = HTTPBearer(auto_error=False, description="An API token, as `watchkeeper tokens add` shows it once.")
_NEEDED: dict[Role, Scope] = {"viewer": "read", "analyst": "write", "responder": "write", "admin": "admin"}

Bearer = Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)]
Tenant = Annotated[str | None, Query(max_length=64, description="Tenant that it is about; default: the only one that you have a role in.")]


class Guard:
    """Lets a request through to its route, or refuses it; a dependency."""

    def __init__(self, role: Role, scope: Scope, *, every: bool) -> None:
        """Take the least role and the scope that are needed, and whether `*` may stand for every tenant."""
        self.role: Role = role
        self.scope: Scope = scope
        self.every = every

    def __call__(self, request: Request, the: The, bearer: Bearer, tenant: Tenant = None) -> Principal:
        """Give who asks, with the tenant that they ask about.

        Raises:
            HTTPException: 401 without a token or session that lets in, 403 without the role or scope in that tenant.
        """
        who = _known(the, request, bearer)
        if who is None:
            raise HTTPException(401, "sign in, or send an API token that holds", {"WWW-Authenticate": "Bearer"})
        about = tenant or usual_tenant(who)
        if about == EVERY_TENANT and not self.every:
            raise HTTPException(403, "this is asked of one tenant at a time: name it with ?tenant=")
        if self.scope not in who.scopes:
            raise HTTPException(403, f"the token has no scope {self.scope!r}")
        if not who.may(self.role, about):
            raise HTTPException(403, f"role {self.role!r} in tenant {about!r} is needed")
        return who.model_copy(update={"tenant": about})


def allowed(role: Role, scope: Scope | None = None, *, every: bool = False) -> Guard:
    """Give the dependency of a route: `who: Annotated[Principal, Depends(allowed("analyst"))]`; `who.tenant` is what it is about.

    Args:
        role: the least role that is needed in the tenant.
        scope: what a token must be for; default: `read` for viewers, `admin` for admins, else `write`.
        every: whether `*` may be asked about by who has the role in every tenant.
    """
    return Guard(role, scope or _NEEDED[role], every=every)


def usual_tenant(who: Principal) -> str:
    """Give the tenant that is meant when none is named: the only one with a role, else the default one."""
    named = {tenant for tenant, _ in who.roles if tenant != EVERY_TENANT}
    only = len(named) == 1 and all(tenant != EVERY_TENANT for tenant, _ in who.roles)
    return named.pop() if only else DEFAULT_TENANT


def _known(the: Platform, request: Request, bearer: HTTPAuthorizationCredentials | None) -> Principal | None:
    if bearer is None or not looks_like("wka", bearer.credentials):
        return None
    token = the.people.token_of(digest(bearer.credentials), the.clock())
    if token is None:
        return None
    address = request.client.host if request.client else ""
    return Principal(name=token.name, roles=((token.tenant, token.role),), token=token.id, scopes=token.scopes, address=address)
