"""`/health` and `/metrics`: that it runs is told to anybody, how it runs to who may look, what it measures to who may look everywhere."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from watchkeeper.api.app import build
from watchkeeper.api.operation import METRICS_TYPE
from watchkeeper.api.platform import Platform
from watchkeeper.model.checked import Checked
from watchkeeper.model.health import Health, Part
from watchkeeper.model.note import Note
from watchkeeper.server.metrics import CONTENT_TYPE

PART = Part(name="web", state="running", hindered="", seen=datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(("is_ready", "status"), [(True, 200), (False, 503)])
def test_whether_it_takes_events_in_is_told_without_a_token(platform: Platform, is_ready: bool, status: int) -> None:
    client = TestClient(build(replace(platform, health=lambda: Health(is_ready=is_ready, is_well=False, parts=(PART,)))))
    assert client.get("/health/live").json() == {"live": True}
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (status, {"ready": is_ready})


def test_how_it_runs_needs_a_token(platform: Platform, bearer: Callable[..., dict[str, str]]) -> None:
    client = TestClient(build(replace(platform, health=lambda: Health(is_ready=True, is_well=True, parts=(PART,)))))
    assert client.get("/health").status_code == 401
    assert client.get("/health", headers=bearer("viewer")).json()["parts"][0]["name"] == "web"


def test_metrics_are_of_all_tenants_and_for_who_may_see_all(platform: Platform, bearer: Callable[..., dict[str, str]]) -> None:
    client = TestClient(build(replace(platform, metrics=lambda: b"watchkeeper_senders 3\n")))
    assert client.get("/metrics", headers=bearer("admin", "acme")).status_code == 403
    answer = client.get("/metrics", headers=bearer("viewer", "*"))
    assert (answer.text, answer.headers["content-type"]) == ("watchkeeper_senders 3\n", METRICS_TYPE)
    assert METRICS_TYPE == CONTENT_TYPE


def test_the_check_up_is_of_all_tenants_too(platform: Platform, bearer: Callable[..., dict[str, str]]) -> None:
    found = Checked(state="bad", what=Note(code="doctor.why.nothing-runs"))
    client = TestClient(build(replace(platform, checkup=lambda why: (found,) if why == "events" else ())))
    assert client.get("/api/checkup", headers=bearer("admin", "acme")).status_code == 403
    assert client.get("/api/checkup", headers=bearer("viewer", "*")).json() == []
    assert client.get("/api/checkup?why=events", headers=bearer("viewer", "*")).json()[0]["what"]["code"] == "doctor.why.nothing-runs"
    assert client.get("/api/checkup?why=coffee", headers=bearer("viewer", "*")).status_code == 422
