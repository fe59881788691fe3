"""The guard of every route: who asks, about which tenant, and whether they may. Owns that decision; what a token is stands in `access`."""

import hmac
from math import ceil
from typing import Annotated, NoReturn
from urllib.parse import urlsplit

from fastapi import HTTPException, Query, Request, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from watchkeeper.access.sessions import form_token, holds
from watchkeeper.access.tokens import digest, looks_like
from watchkeeper.api.platform import Platform, The
from watchkeeper.model.principal import DEFAULT_TENANT, EVERY_TENANT, Principal, Role, Scope

SECURE_COOKIE, PLAIN_COOKIE = "__Host-watchkeeper", "watchkeeper"
"""Cookie of a session, over TLS and without; the prefix makes browsers refuse one that another host or plain text set."""
FORM_HEADER = "X-Watchkeeper-Form"
"""Header in which a browser has to send the form token with everything that changes something."""
_BEARER = HTTPBearer(auto_error=False, description="An API token, as `watchkeeper tokens add` shows it once.")
_COOKIE = APIKeyCookie(
    name=SECURE_COOKIE, auto_error=False, description=f"A session from `/api/sign-in`; what changes something needs `{FORM_HEADER}` too."
)
_NEEDED: dict[Role, Scope] = {"viewer": "read", "analyst": "write", "responder": "write", "admin": "admin"}
_READING = {"GET", "HEAD", "OPTIONS"}

Bearer = Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)]
Cookie = Annotated[str | None, Security(_COOKIE)]
Tenant = Annotated[
    str | None,
    Query(
        max_length=64,
        pattern=r"^(\*|[a-z0-9][a-z0-9._-]{0,62})$",
        description="Tenant that it is about; default: the only one that you have a role in, or `default`.",
    ),
]


class Guard:
    """Lets a request through to its route, or refuses it; a dependency."""

    def __init__(self, role: Role, scope: Scope, *, every: bool, person: bool) -> None:
        """Take the least role and the scope that are needed, whether `*` may stand for every tenant, and whether it is for people alone."""
        self.role: Role = role
        self.scope: Scope = scope
        self.every = every
        self.person = person

    def __call__(self, request: Request, the: The, bearer: Bearer, _: Cookie, tenant: Tenant = None) -> Principal:
        """Give who asks, with the tenant that they ask about.

        Raises:
            HTTPException: 401 without a token or session that lets in, 403 without the role or scope in that tenant, 429 too often.
        """
        who = _of_token(the, request, bearer) if "authorization" in request.headers else _of_session(the, request)
        if who is None:
            raise HTTPException(401, "sign in, or send an API token that holds", {"WWW-Authenticate": "Bearer"})
        if wait := request.app.state.by_principal.wait(who.token or who.name):
            raise HTTPException(429, "too many requests", {"Retry-After": str(ceil(wait))})
        about = tenant or usual_tenant(who)
        self._check(who, about)
        return who.model_copy(update={"tenant": about})

    def _check(self, who: Principal, about: str) -> None:
        if self.scope not in who.scopes:
            _refuse(f"the token has no scope {self.scope!r}")
        if not who.may(self.role, about):
            _refuse(f"role {self.role!r} in tenant {about!r} is needed")
        if about == EVERY_TENANT and not self.every:
            _refuse("this is asked of one tenant at a time: name it with ?tenant=")
        if self.person and who.token:
            _refuse("this is for people who signed in; a token has neither password nor session")


def allowed(role: Role, scope: Scope | None = None, *, every: bool = False, person: bool = False) -> Guard:
    """Give the dependency of a route: `who: Annotated[Principal, Depends(allowed("analyst"))]`; `who.tenant` is what it is about.

    Args:
        role: the least role that is needed in the tenant.
        scope: what a token must be for; default: `read` for viewers, `admin` for admins, else `write`.
        every: whether `*` may be asked about by who has the role in every tenant.
        person: whether it is for people who signed in alone, not for API tokens.
    """
    return Guard(role, scope or _NEEDED[role], every=every, person=person)


def usual_tenant(who: Principal) -> str:
    """Give the tenant that is meant when none is named: the default one if there is a role in it, else the first with one by name."""
    if who.role_in(DEFAULT_TENANT) is not None:
        return DEFAULT_TENANT
    return min((tenant for tenant, _ in who.roles), default=DEFAULT_TENANT)


def address_of(request: Request) -> str:
    """Give the address that a request came from; what a header says of it is not believed."""
    return request.client.host if request.client else ""


def session_secret(the: Platform, request: Request) -> str:
    """Give the secret of the session that a request comes with; empty if with none."""
    return request.cookies.get(SECURE_COOKIE if the.secure else PLAIN_COOKIE, "")


def is_of_this_site(request: Request) -> bool:
    """Say whether a request was not made by another site's page, as far as the browser says where it was made."""
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return False
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host", "")


def _of_token(the: Platform, request: Request, bearer: HTTPAuthorizationCredentials | None) -> Principal | None:
    if bearer is None or not looks_like("wka", bearer.credentials):
        return None
    token = the.people.token_of(digest(bearer.credentials), the.clock())
    if token is None:
        return None
    roles: tuple[tuple[str, Role], ...] = ((token.tenant, token.role),)
    return Principal(name=token.name, roles=roles, token=token.id, scopes=token.scopes, made_by=token.made_by, address=address_of(request))


def _of_session(the: Platform, request: Request) -> Principal | None:
    secret = session_secret(the, request)
    if not looks_like("wkp", secret):
        return None
    user = the.people.visit_of(digest(secret), the.clock(), holds)
    if user is None:
        return None
    if request.method not in _READING and not _is_meant(request, secret):
        _refuse(f"send the form token that signing in gave in the header {FORM_HEADER}, from this site")
    return Principal(name=user.login, roles=user.roles, address=address_of(request))


def _is_meant(request: Request, secret: str) -> bool:
    """Say whether a page of ours made the request: it knows the form token, and the browser names no other site."""
    shown = request.headers.get(FORM_HEADER, "").encode("utf-8", "replace")
    return is_of_this_site(request) and hmac.compare_digest(shown, form_token(secret).encode())


def _refuse(detail: str) -> NoReturn:
    raise HTTPException(403, detail)
