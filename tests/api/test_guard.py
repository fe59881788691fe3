"""Nobody is let in where they don't belong: every route refuses without a token, with another tenant's, and with a lower role."""

import re
from collections.abc import Callable, Iterator

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.testclient import TestClient

from watchkeeper.api.app import build
from watchkeeper.api.guard import Guard
from watchkeeper.api.platform import Platform
from watchkeeper.model.principal import ROLES, SCOPES

Bearer = Callable[..., dict[str, str]]


def test_a_token_lets_in_where_it_belongs(client: TestClient, bearer: Bearer) -> None:
    token = bearer("viewer", "acme")
    assert client.get("/api/me", headers=token).json()["tenant"] == "acme"
    assert client.get("/api/me?tenant=other", headers=token).status_code == 403
    assert client.get("/api/me?tenant=*", headers=token).status_code == 403
    assert client.get("/api/me", headers=bearer("viewer", "*")).json()["tenant"] == "default"
    assert client.get("/api/me", headers=bearer("viewer", scopes=("write",))).status_code == 403
    assert client.get("/api/me", headers=bearer("viewer", days=0)).status_code == 401


BY_LINK = {("GET", "/approve/{token}"), ("POST", "/approve/{token}")}
"""The link itself says who may answer what; test_approve.py shows what it refuses."""
OPEN = {("POST", "/api/sign-in"), ("GET", "/health/live"), ("GET", "/health/ready")} | BY_LINK
"""Who signs in has shown nothing yet; that it runs is told to load balancers; nothing else is open."""
OWN_TOKENS = ("/lists/", "/taxii2/")
"""Lists that others fetch: each has a token of its own, and nobody's role opens one; test_list_guard.py shows it."""
FILLED = "0"
"""In the place of a path's parameter; a refusal comes before anything is looked up."""


def _routes(app: FastAPI) -> Iterator[tuple[str, str, list[Guard]]]:
    for route in iter_route_contexts(app.routes):
        path = str(route.path)
        assert isinstance(route.original_route, APIRoute), f"{path} is no route of FastAPI's, so nothing guards it"
        for method in sorted(set(route.methods or ()) - {"HEAD"}):
            yield method, path, list(_guards(route.dependant))


def _guards(dependant: Dependant) -> Iterator[Guard]:
    for inner in dependant.dependencies:
        if isinstance(inner.call, Guard):
            yield inner.call
        yield from _guards(inner)


def _ask(client: TestClient, method: str, path: str, headers: dict[str, str], tenant: str) -> int:
    filled = re.sub(r"\{[^}]+\}", FILLED, path)
    return client.request(method, filled, headers=headers, params={"tenant": tenant}, json={}).status_code


def test_every_route_refuses_who_does_not_belong_there(client: TestClient, bearer: Bearer) -> None:
    walked = 0
    for method, path, guards in _routes(client.app):
        if (method, path) in OPEN or path.startswith(OWN_TOKENS):
            continue
        walked += 1
        assert guards, f"{method} {path} has no guard: give it `Depends(allowed(role))`"
        role = max((guard.role for guard in guards), key=ROLES.index)
        assert _ask(client, method, path, {}, "default") == 401, f"{method} {path} without a token"
        assert _ask(client, method, path, {"Authorization": "Bearer nonsense"}, "default") == 401, f"{method} {path} with a false token"
        assert _ask(client, method, path, bearer("admin", "other"), "default") in {403, 404}, f"{method} {path} with another tenant's token"
        scopes = tuple(one for one in SCOPES if one not in {guard.scope for guard in guards})
        assert _ask(client, method, path, bearer("admin", scopes=scopes), "default") == 403, f"{method} {path} without its scope"
        if role != "viewer":
            lower = ROLES[ROLES.index(role) - 1]
            assert _ask(client, method, path, bearer(lower), "default") == 403, f"{method} {path} with role {lower}"
    assert walked >= 2


def test_a_route_without_a_guard_is_found(platform: Platform) -> None:
    app = build(platform)
    app.get("/api/forgotten")(lambda: "secret")
    forgotten = [path for _, path, guards in _routes(app) if not guards and path not in {path for _, path in OPEN}]
    assert [path for path in forgotten if not path.startswith(OWN_TOKENS)] == ["/api/forgotten"]
