"""Messages over the API: what people were told, who takes care, and whether a route works."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from tests.api.conftest import NOW

from watchkeeper.api.app import build
from watchkeeper.api.platform import Platform
from watchkeeper.model.incident import Incident
from watchkeeper.model.live import Cursor
from watchkeeper.model.message import Message, Outgoing
from watchkeeper.store import Advance, Store

Bearer = Callable[..., dict[str, str]]
ROUTES = """
routes:
  - {name: duty, to: {channel: slack, url: env:WK_TEST_URL}}
  - {name: acme-only, tenants: [acme], to: {channel: wecom, url: env:WK_TEST_URL}}
"""


def _keep(store: Store) -> None:
    known = {
        "id": "8bce", "rank": 1, "title": "t", "level": "high", "score": 1.0, "start": NOW, "end": NOW, "sessions": (), "folds": (),
        "hosts": ("h1",), "entities": (), "techniques": (), "tactics": (), "why": (), "shown": True,
    }  # fmt: skip
    message = Message(
        key="k1", tenant=store.tenant, incident="8bce", reasons=("new",), time=NOW, language="en", details="full", level="high",
        outcome=None, subject="s", sections=(),
    )  # fmt: skip
    store.advance(Advance(Cursor(name="keeper", position=1), (Incident.model_validate(known),)))
    store.keep_messages([Outgoing(message=message, route="duty", due=NOW)])


@pytest.fixture
def routed(platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    (tmp_path / "notify.yml").write_text(ROUTES)
    monkeypatch.setenv("WK_TEST_URL", "http://127.0.0.1:9/secret")
    monkeypatch.setenv("no_proxy", "*")
    return TestClient(build(replace(platform, state=tmp_path)))


def test_messages_are_listed_for_their_tenant(client: TestClient, store: Store, bearer: Bearer) -> None:
    _keep(store)
    [found] = client.get("/api/messages?incident=8bce", headers=bearer("viewer")).json()
    assert (found["state"], found["outgoing"]["message"]["key"], found["outgoing"]["route"]) == ("waiting", "k1", "duty")
    assert client.get("/api/messages", headers=bearer("viewer", "acme")).json() == []
    assert client.get("/api/messages?most=0", headers=bearer("viewer")).status_code == 422


def test_who_takes_care_is_kept(client: TestClient, store: Store, bearer: Bearer) -> None:
    _keep(store)
    assert client.post("/api/incidents/8bce/acknowledge", headers=bearer("viewer")).status_code == 403
    assert client.post("/api/incidents/other/acknowledge", headers=bearer("analyst")).status_code == 404
    assert client.post("/api/incidents/8bce/acknowledge", headers=bearer("analyst")).json()["by"] == "t"
    assert store.acknowledged("8bce") == (NOW, "t")


def test_a_try_says_where_it_went_or_why_not_and_no_secret(
    routed: TestClient, bearer: Bearer, serve: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = routed.post("/api/notify/routes/duty/test", headers=bearer("admin", "*"))
    assert (failed.json()["sent"], "secret" in failed.text) == (False, False)
    server = serve()
    server.answers["/hook"] = (200, {}, b"ok")
    monkeypatch.setenv("WK_TEST_URL", f"{server.url}/hook")
    assert routed.post("/api/notify/routes/duty/test", headers=bearer("admin", "*")).json() == {"sent": True, "why": "env:WK_TEST_URL"}
    assert len(server.posted) == 1
    assert routed.post("/api/notify/routes/nobody/test", headers=bearer("admin", "*")).status_code == 404


def test_an_admin_of_one_tenant_sees_the_routes_of_that_tenant_alone(routed: TestClient, bearer: Bearer) -> None:
    assert [one["name"] for one in routed.get("/api/notify/routes", headers=bearer("admin", "*")).json()] == ["duty", "acme-only"]
    assert [one["name"] for one in routed.get("/api/notify/routes", headers=bearer("admin", "acme")).json()] == ["acme-only"]
    assert routed.post("/api/notify/routes/duty/test", headers=bearer("admin", "acme")).status_code == 404


def test_a_file_that_cannot_be_read_is_said(routed: TestClient, bearer: Bearer, tmp_path: Path) -> None:
    (tmp_path / "notify.yml").write_text("routes: [")
    answer = routed.get("/api/notify/routes", headers=bearer("admin", "*"))
    assert (answer.status_code, "notify.yml" in answer.text) == (409, True)
