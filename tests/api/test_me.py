"""What one changes of one's own."""

from collections.abc import Callable

from fastapi.testclient import TestClient
from tests.api.conftest import PASSWORD

from watchkeeper.store.people import People


def test_a_changed_password_ends_every_session(visitor: Callable[..., TestClient], people: People) -> None:
    browser = visitor("rosa", ("*", "viewer"))
    other = TestClient(browser.app)
    assert other.post("/api/sign-in", json={"login": "rosa", "password": PASSWORD}).status_code == 200
    wrong = browser.post("/api/me/password", json={"before": "wrong", "after": "correct horse battery"})
    weak = browser.post("/api/me/password", json={"before": PASSWORD, "after": "Password123456"})
    assert (wrong.status_code, weak.status_code) == (403, 422)
    assert browser.post("/api/me/password", json={"before": PASSWORD, "after": "correct horse battery"}).status_code == 204
    assert (browser.get("/api/me").status_code, other.get("/api/me").status_code) == (401, 401)
    assert browser.post("/api/sign-in", json={"login": "rosa", "password": PASSWORD}).status_code == 401
    assert browser.post("/api/sign-in", json={"login": "rosa", "password": "correct horse battery"}).status_code == 200
    assert "correct horse battery" not in repr(people.account("rosa"))


def test_a_token_has_nothing_of_its_own_to_change(client: TestClient, bearer: Callable[..., dict[str, str]]) -> None:
    admin = bearer("admin")
    assert client.get("/api/me", headers=admin).json()["form_token"] == ""
    for path in ("/api/me/password", "/api/me/second-factor", "/api/sign-out"):
        body = {"before": "x", "after": "y"} if path.endswith("word") else {"password": "x"}
        assert client.post(path, headers=admin, json=body).status_code == 403
