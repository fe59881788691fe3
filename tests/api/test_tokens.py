"""Tokens give no more than who made them has, and end when they should."""

from collections.abc import Callable

from fastapi.testclient import TestClient
from tests.api.conftest import NOW

from watchkeeper.store.people import People


def test_a_token_is_made_used_and_revoked(visitor: Callable[..., TestClient], client: TestClient, people: People) -> None:
    admin = visitor("boss", ("acme", "admin"))
    made = admin.post("/api/tokens", json={"name": "export", "role": "analyst", "scopes": ["read"], "days": 7}).json()
    shows = {"Authorization": f"Bearer {made['secret']}"}
    assert client.get("/api/me", headers=shows).json()["roles"] == [["acme", "analyst"]]
    listed = admin.get("/api/tokens")
    assert made["secret"] not in listed.text
    assert [(one["id"], one["last_used"]) for one in listed.json()] == [(made["token"]["id"], f"{NOW:%Y-%m-%dT%H:%M:%SZ}")]
    assert admin.delete(f"/api/tokens/{made['token']['id']}?tenant=acme").json()["revoked"]
    assert client.get("/api/me", headers=shows).status_code == 401
    assert admin.delete("/api/tokens/0123").status_code == 404
    assert [one.what for one in people.audit.newest(limit=2)] == ["token revoked", "token made"]
    assert made["secret"] not in repr(list(people.audit.entries()))


def test_a_token_cannot_give_what_it_has_not(client: TestClient, bearer: Callable[..., dict[str, str]]) -> None:
    only_admin = bearer("admin", scopes=("admin",))
    assert client.post("/api/tokens", headers=only_admin, json={"name": "t", "scopes": ["write"]}).status_code == 403
    assert client.post("/api/tokens?tenant=*", headers=only_admin, json={"name": "t", "scopes": ["admin"]}).status_code == 403
    assert client.post("/api/tokens", headers=only_admin, json={"name": "t", "scopes": ["admin"]}).status_code == 201
    for bad in ({"name": " "}, {"name": "t", "days": 0}, {"name": "t", "scopes": []}, {"name": "t", "more": 1}, {"name": "a\nb"}):
        assert client.post("/api/tokens", headers=bearer("admin"), json=bad).status_code == 422, bad
