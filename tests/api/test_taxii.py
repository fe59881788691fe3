"""TAXII 2.1 as clients speak it: a real client over a real port gets every page, what is new, and what left."""

import json
import time
from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import uvicorn
from fastapi.testclient import TestClient

from watchkeeper.api import taxii
from watchkeeper.autopilot.lists import lists_for
from watchkeeper.detection.intel.asking import asker
from watchkeeper.detection.intel.taxii import named, pages, roots

TOKEN = "block-token-of-the-test"  # noqa: S105 -- of lists that are made here
BEARER = {"Authorization": f"Bearer {TOKEN}"}
ROOT = "/taxii2/lists/collections/block/"


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The list itself."""
    monkeypatch.setenv("WK_BLOCK", TOKEN)
    monkeypatch.setenv("no_proxy", "*")
    (tmp_path / "response.yml").write_text("places: [{name: block, by: list, actions: [add_indicator], token: 'env:WK_BLOCK'}]")
    [served] = lists_for(tmp_path, TOKEN)
    return served.place.kept()


@pytest.fixture
def application(lists_alone: Callable[[Path], Any], tmp_path: Path) -> Any:
    return lists_alone(tmp_path)


@pytest.fixture
def fetching(application: Any, kept: Any) -> TestClient:
    return TestClient(application)


@pytest.fixture
def port(application: Any) -> Generator[int]:
    server = uvicorn.Server(uvicorn.Config(application, host="127.0.0.1", port=0, log_config=None, lifespan="off"))
    thread = Thread(target=server.run)
    thread.start()
    try:
        for _ in range(500):
            if server.started:
                break
            time.sleep(0.02)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


def _added(kept: Any, *values: str, key: str = "k1", expires: datetime | None = None) -> None:
    kept.add([("address", value) for value in values], key, expires)


def _names(answer: Any) -> list[str]:
    return [one["name"] for one in answer.json().get("objects", []) if one["type"] == "indicator"]


def test_a_client_finds_the_collection_and_gets_every_page_and_then_what_is_new(port: int, kept: Any) -> None:
    _added(kept, *(f"198.51.100.{number}" for number in range(23)))
    who = asker(f"http://127.0.0.1:{port}/taxii2/", f"basic whoever:{TOKEN}")
    root, collection = named(roots(who, f"http://127.0.0.1:{port}/taxii2/"), "block")
    got = list(pages(who, root, collection, None, 5))
    assert [len(page.objects) for page in got] == [5, 5, 5, 5, 4]
    told = [json.loads(bytes(one)) for page in got for one in page.objects]
    assert {one["name"] for one in told} == {"Watchkeeper", *(f"198.51.100.{number}" for number in range(23))}
    assert len({one["id"] for one in told}) == 24
    last = datetime.fromisoformat(got[-1].last)
    assert [page.objects for page in pages(who, root, collection, last)] == [[]]
    kept.remove("k1")
    _added(kept, "203.0.113.9", key="k2")
    new = [json.loads(bytes(one)) for page in pages(who, root, collection, last) for one in page.objects]
    assert {one["name"] for one in new if one.get("revoked")} == {f"198.51.100.{number}" for number in range(23)}
    assert [one["name"] for one in new if not one.get("revoked")] == ["203.0.113.9"]


def test_every_answer_is_of_the_type_and_what_the_standard_wants(fetching: TestClient, kept: Any) -> None:
    _added(kept, "203.0.113.9")
    collection = fetching.get(ROOT, headers=BEARER).json()
    manifest = fetching.get(f"{ROOT}manifest/", headers=BEARER)
    objects = fetching.get(f"{ROOT}objects/", headers=BEARER)
    assert collection["media_types"] == ["application/stix+json;version=2.1"]
    assert fetching.get(f"/taxii2/lists/collections/{collection['id']}/objects/", headers=BEARER).json() == objects.json()
    for answer in (manifest, objects):
        assert answer.headers["content-type"] == "application/taxii+json;version=2.1"
        assert answer.headers["x-taxii-date-added-last"] == manifest.json()["objects"][-1]["date_added"]
    assert [(one["id"], one["version"]) for one in manifest.json()["objects"]] == [
        (one["id"], one["modified"]) for one in objects.json()["objects"]
    ]
    [one] = [told for told in objects.json()["objects"] if told["type"] == "indicator"]
    assert fetching.get(f"{ROOT}objects/{one['id']}/", headers=BEARER).json()["objects"] == [one]
    assert fetching.get(f"{ROOT}objects/{one['id']}/versions/", headers=BEARER).json() == {"versions": [one["modified"]]}
    assert fetching.get(f"{ROOT}objects/indicator--0/", headers=BEARER).status_code == 404
    assert fetching.get("/taxii2/lists/collections/nothing/objects/", headers=BEARER).status_code == 404


def test_what_is_asked_for_is_all_that_is_given(fetching: TestClient, kept: Any) -> None:
    _added(kept, "203.0.113.9", "203.0.113.10")
    every = fetching.get(f"{ROOT}objects/", headers=BEARER).json()["objects"]
    one = every[-1]
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    for query, ids in (
        ({"match[type]": "indicator"}, [told["id"] for told in every[1:]]),
        ({"match[id]": one["id"]}, [one["id"]]),
        ({"match[version]": one["modified"], "match[type]": "indicator"}, [told["id"] for told in every[1:]]),
        ({"match[version]": "2001-01-01T00:00:00Z"}, []),
        ({"match[spec_version]": "2.0"}, []),
        ({"added_after": later}, []),
        ({"limit": 1}, [every[0]["id"]]),
    ):
        answer = fetching.get(f"{ROOT}objects/", headers=BEARER, params=query).json()
        assert [told["id"] for told in answer.get("objects", [])] == ids, query
        assert answer.get("more", False) is ("limit" in query)


def test_what_expires_leaves_every_form_by_itself(fetching: TestClient, kept: Any) -> None:
    _added(kept, "203.0.113.9", expires=datetime.now(UTC) + timedelta(days=1))
    _added(kept, "203.0.113.10", expires=datetime.now(UTC) - timedelta(seconds=1))
    assert fetching.get("/lists/block.txt", headers=BEARER).text == "203.0.113.9\n"
    assert _names(fetching.get("/lists/block.json", headers=BEARER)) == ["203.0.113.9"]
    revoked = {one["name"]: one.get("revoked") for one in fetching.get(f"{ROOT}objects/", headers=BEARER).json()["objects"]}
    assert (revoked["203.0.113.9"], revoked["203.0.113.10"]) == (None, True)


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/taxii+json;version=2.1", 200), ("application/taxii+json; version=2.1", 200), ("*/*", 200), ("text/html, */*", 200),
        ("application/taxii+json", 200), ("application/json", 406), ("application/taxii+json;version=2.0", 406),
    ],
)  # fmt: skip
def test_another_format_is_refused(fetching: TestClient, accept: str, status: int) -> None:
    assert fetching.get("/taxii2/", headers={**BEARER, "Accept": accept}).status_code == status


@pytest.mark.parametrize(
    ("query", "status"),
    [("next=x", 400), ("next=eA==", 400), ("next=é", 400), ("limit=0", 422), ("added_after=x", 422), ("limit=9999999", 200)],
)
def test_a_question_that_is_none_is_refused(fetching: TestClient, query: str, status: int) -> None:
    assert fetching.get(f"{ROOT}objects/?{query}", headers=BEARER).status_code == status


def test_a_page_is_bounded(fetching: TestClient, kept: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taxii, "MOST_OBJECTS", 2)
    _added(kept, *(f"198.51.100.{number}" for number in range(4)))
    answer = fetching.get(f"{ROOT}objects/?limit=1000", headers=BEARER).json()
    assert (len(answer["objects"]), answer["more"]) == (2, True)


def test_a_bulk_of_sixty_thousand_is_one_job(kept: Any, tmp_path: Path, fetching: TestClient) -> None:
    kept.add([("address", f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}") for number in range(60_000)], "k1", None)
    assert fetching.get("/lists/block.txt", headers=BEARER).text.count("\n") == 60_000
