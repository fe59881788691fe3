"""What holds for every answer: headers, sizes, depth, rates, and failures that tell nothing of the inside."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.api.app import build
from watchkeeper.api.edge import depth_of
from watchkeeper.api.platform import Bounds, Platform
from watchkeeper.api.rates import Rate

Bearer = Callable[..., dict[str, str]]


def test_every_answer_has_its_headers(platform: Platform) -> None:
    for secure in (False, True):
        answer = TestClient(build(replace(platform, secure=secure))).get("/nowhere")
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert len(answer.headers["x-request-id"]) == 16
        assert ("strict-transport-security" in answer.headers) == secure


def test_a_failure_tells_an_id_and_nothing_else(platform: Platform, caplog: pytest.LogCaptureFixture) -> None:
    app = build(platform)

    def broken() -> None:
        raise RuntimeError("the password of the database")

    app.get("/broken")(broken)
    answer = TestClient(app).get("/broken")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert "password" not in answer.text
    assert answer.headers["x-request-id"] in answer.json()["detail"]
    assert answer.headers["x-request-id"] in caplog.text
    assert "the password of the database" in caplog.text, "who runs it can read what failed"


def test_a_database_that_does_not_answer_is_no_fault_of_who_asks(platform: Platform) -> None:
    app = build(platform)

    def away() -> None:
        raise ConnectionError("database 'postgresql://secret.example' does not answer")

    app.get("/away")(away)
    answer = TestClient(app).get("/away")
    assert (answer.status_code, answer.headers["retry-after"], "secret" in answer.text) == (503, "5", False)


def test_what_is_too_large_or_too_deep_is_refused(platform: Platform, bearer: Bearer) -> None:
    client = TestClient(build(replace(platform, bounds=Bounds(body_bytes=1000, body_depth=5))))
    admin = bearer("admin") | {"Content-Type": "application/json"}

    def ask(body: bytes) -> int:
        return client.post("/api/tokens", headers=admin, content=body).status_code

    def chunked() -> int:
        return client.post("/api/tokens", headers=admin, content=iter([b"x" * 600, b"x" * 600])).status_code

    assert (ask(b" " * 1001), chunked(), ask(b"[" * 6), ask(b"[" * 900)) == (413, 413, 400, 400)
    assert (ask(b'{"name": "[[[[[[[["}'), ask(b"[[[]]]"), ask(b"\xff\xfe")) == (201, 422, 422)


def test_what_is_not_understood_is_told_without_what_was_sent(client: TestClient, bearer: Bearer) -> None:
    answer = client.post("/api/tokens", headers=bearer("admin"), json={"name": ["hunter2"], "days": -1})
    assert answer.status_code == 422
    assert [one["where"] for one in answer.json()["fields"]] == ["body.name", "body.days"]
    assert "hunter2" not in answer.text


def test_who_asks_too_often_waits(platform: Platform, bearer: Bearer) -> None:
    few, often = Rate(burst=3, a_second=0.01), Rate(burst=1000, a_second=1000)
    by_address = TestClient(build(replace(platform, bounds=Bounds(by_address=few))))
    assert [by_address.get("/x").status_code for _ in range(4)] == [404, 404, 404, 429]
    assert int(by_address.get("/x").headers["retry-after"]) >= 90
    client, one, other = TestClient(build(replace(platform, bounds=Bounds(often, few)))), bearer("viewer"), bearer("viewer")
    assert [client.get("/api/me", headers=one).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert client.get("/api/me", headers=other).status_code == 200
    signing = TestClient(build(replace(platform, bounds=Bounds(often, often, few))))
    assert [signing.post("/api/sign-in", json={"login": "x", "password": "y"}).status_code for _ in range(4)] == [401, 401, 401, 429]


_LEAVES = st.none() | st.booleans() | st.integers() | st.text()
_JSON = st.recursive(_LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4))


def _depth(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list) else 0


@given(_JSON)
def test_depth_is_that_of_what_is_nested(value: object) -> None:
    assert depth_of(json.dumps(value).encode(), 100) == _depth(value)


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_have_a_depth(body: bytes) -> None:
    assert 0 <= depth_of(body, 5) <= 6
