"""A list is for whoever shows its token, in either way, and for nobody else, whatever they may else do."""

import base64
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient

from watchkeeper.api.app import build
from watchkeeper.api.platform import Platform

PLACES = """
places:
  - {name: block, by: list, actions: [add_indicator], token: "env:WK_BLOCK", title: "Blocked"}
  - {name: other, by: list, actions: [add_indicator], token: "env:WK_OTHER"}
  - {name: unset, by: list, actions: [add_indicator], token: "env:WK_UNSET"}
  - {name: short, by: list, actions: [add_indicator], token: "env:WK_SHORT"}
"""


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "response.yml").write_text(PLACES)
    for name, token in (("BLOCK", "block-token-of-the-test"), ("OTHER", "other-token-of-the-test"), ("SHORT", "short")):
        monkeypatch.setenv(f"WK_{name}", token)
    return tmp_path


@pytest.fixture
def fetching(lists_alone: Callable[[Path], FastAPI], state: Path) -> TestClient:
    return TestClient(lists_alone(state))


@pytest.fixture
def whole(platform: Platform, state: Path) -> TestClient:
    """The whole application, with people and their tokens."""
    return TestClient(build(Platform(people=platform.people, stores=platform.stores, clock=platform.clock, state=state)))


def test_the_token_opens_its_list_as_bearer_and_as_password(fetching: TestClient) -> None:
    bearer = {"Authorization": "Bearer block-token-of-the-test"}
    assert fetching.get("/lists/block.txt", headers=bearer).status_code == 200
    assert fetching.get("/lists/block.txt", auth=("whoever", "block-token-of-the-test")).status_code == 200
    assert fetching.get("/lists/other.txt", headers=bearer).status_code == 404
    assert fetching.get("/lists/nothing.txt", headers=bearer).status_code == 404
    [found] = fetching.get("/taxii2/lists/collections/", headers=bearer).json()["collections"]
    assert (found["title"], found["alias"], found["can_write"]) == ("Blocked", "block", False)


NO_TOKENS = ("", "short", "env:WK_BLOCK", "block-token-of-the-tesT", "xblock-token-of-the-test", "é" * 30, "x" * 10_000)


def test_no_other_word_opens_one(fetching: TestClient) -> None:
    for token in NO_TOKENS:
        for shown in (f"Bearer {token}", f"Basic {token}", f"Basic {base64.b64encode(f'u:{token}'.encode()).decode()}", token):
            for name in ("block", "short", "unset"):
                answer = fetching.get(f"/lists/{name}.txt", headers={"Authorization": shown.encode()})
                assert (answer.status_code, "realm" in answer.headers["www-authenticate"]) == (401, True), (name, shown[:60])


def test_every_route_of_lists_refuses_who_shows_no_token_of_one(whole: TestClient, bearer: Callable[..., dict[str, str]]) -> None:
    paths = [str(one.path) for one in iter_route_contexts(whole.app.routes) if str(one.path).startswith(("/lists", "/taxii2"))]
    assert len(paths) >= 10
    for path in paths:
        filled = re.sub(r"\{[^}]+\}", "block", path)
        for headers in ({}, bearer("admin", "*")):
            assert whole.get(filled, headers=headers).status_code == 401, path
    assert whole.get("/api/me", headers={"Authorization": "Bearer block-token-of-the-test"}).status_code == 401


def test_what_cannot_be_read_opens_nothing_and_is_read_again_when_it_is_right(fetching: TestClient, tmp_path: Path) -> None:
    bearer = {"Authorization": "Bearer block-token-of-the-test"}
    (tmp_path / "response.yml").write_text("places: [")
    assert fetching.get("/lists/block.txt", headers=bearer).status_code == 401
    (tmp_path / "response.yml").write_text(PLACES)
    assert fetching.get("/lists/block.txt", headers=bearer).status_code == 200
    (tmp_path / "response.yml").unlink()
    assert fetching.get("/lists/block.txt", headers=bearer).status_code == 401
