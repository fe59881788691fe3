"""Who decides over whom: an admin where the other has a role, and nobody alone over themselves."""

from collections.abc import Callable

from fastapi.testclient import TestClient
from tests.api.conftest import PASSWORD

from watchkeeper.model.user import User
from watchkeeper.store.people import People

Visitor = Callable[..., TestClient]
NEW = "correct horse battery"


def test_an_admin_adds_and_changes_users_of_their_tenant(visitor: Visitor, client: TestClient, people: People) -> None:
    admin = visitor("boss", ("acme", "admin"))
    added = admin.post("/api/users", json={"login": "rosa", "password": NEW, "role": "viewer"})
    assert (added.status_code, added.json()["roles"], "password" in added.json()) == (201, [["acme", "viewer"]], False)
    assert admin.post("/api/users", json={"login": "rosa", "password": NEW, "role": "viewer"}).status_code == 422
    assert admin.post("/api/users", json={"login": "weak", "password": "password1234", "role": "viewer"}).status_code == 422
    assert admin.post("/api/users", json={"login": "Bad Login", "password": NEW, "role": "viewer"}).status_code == 422
    assert [one["login"] for one in admin.get("/api/users").json()] == ["boss", "rosa"]
    assert client.post("/api/sign-in", json={"login": "rosa", "password": NEW}).status_code == 200
    assert admin.put("/api/users/rosa/role", json={"role": "analyst"}).json()["roles"] == [["acme", "analyst"]]
    assert client.get("/api/me").json()["roles"] == [["acme", "analyst"]], "it counts at once"
    assert admin.put("/api/users/rosa/disabled", json={"disabled": True}).json()["disabled"]
    assert client.get("/api/me").status_code == 401
    assert admin.put("/api/users/rosa/disabled", json={"disabled": False}).json()["disabled"] is None
    assert client.get("/api/me").status_code == 401, "the session is gone for good"
    assert admin.put("/api/users/rosa/password", json={"password": "another good phrase"}).status_code == 204
    assert client.post("/api/sign-in", json={"login": "rosa", "password": "another good phrase"}).status_code == 200
    assert admin.delete("/api/users/rosa/second-factor").status_code == 204
    assert [one.what for one in people.audit.newest("acme", limit=6)] == [
        "second factor removed", "sign-in", "password set", "user enabled", "user disabled", "role changed",
    ]  # fmt: skip


def test_nobody_decides_beyond_their_tenants(visitor: Visitor, user: Callable[..., User]) -> None:
    user("both", ("acme", "viewer"), ("other", "admin"))
    user("theirs", ("other", "viewer"))
    user("everywhere", ("*", "viewer"))
    admin = visitor("boss", ("acme", "admin"))
    assert [(one["login"], one["roles"]) for one in admin.get("/api/users").json()] == [
        ("boss", [["acme", "admin"]]),
        ("both", [["acme", "viewer"]]),
    ], "roles elsewhere are not told"
    assert admin.get("/api/users?tenant=*").status_code == 403
    assert admin.post("/api/users?tenant=*", json={"login": "new", "password": NEW, "role": "admin"}).status_code == 403
    assert admin.put("/api/users/theirs/password", json={"password": NEW}).status_code == 404
    assert admin.put("/api/users/everywhere/password", json={"password": NEW}).status_code == 404
    assert admin.put("/api/users/both/password", json={"password": NEW}).status_code == 403
    assert admin.put("/api/users/both/disabled", json={"disabled": True}).status_code == 403
    assert admin.put("/api/users/both/role", json={"role": "analyst"}).json()["roles"] == [["acme", "analyst"]]
    assert admin.put("/api/users/nobody/role", json={"role": "analyst"}).status_code == 404
    assert admin.put("/api/users/boss/role", json={"role": None}).status_code == 422, "not one's own"
    assert admin.put("/api/users/boss/disabled", json={"disabled": True}).status_code == 422

    over_all = visitor("root", ("*", "admin"))
    assert len(over_all.get("/api/users?tenant=*").json()) == 5
    assert over_all.put("/api/users/both/password?tenant=acme", json={"password": NEW}).status_code == 204
    assert over_all.post("/api/sign-in", json={"login": "both", "password": PASSWORD}).status_code == 401
