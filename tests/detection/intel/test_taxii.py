import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from watchkeeper.detection.intel import taxii
from watchkeeper.detection.intel.asking import asker
from watchkeeper.detection.intel.taxii import MEDIA_TYPE, Collection, Root, named, pages, roots

Serve = Callable[..., Any]
FEED = Collection("91a7b528", "Feed", True, "feed")


def _answer(said: object, **headers: str) -> tuple[int, dict[str, str], bytes]:
    return (
        200,
        {"Content-Type": MEDIA_TYPE, **{name.replace("_", "-"): value for name, value in headers.items()}},
        json.dumps(said).encode(),
    )


def _server(serve: Serve) -> Any:
    server = serve()
    server.answers["/taxii2/"] = _answer({"title": "t", "default": f"{server.url}/one/", "api_roots": [f"{server.url}/one/", "/two"]})
    server.answers["/one/"] = _answer({"title": "one", "versions": [MEDIA_TYPE], "max_content_length": 1})
    server.answers["/one/collections/"] = _answer(
        {"collections": [{"id": "91a7b528", "title": "Feed", "can_read": True, "can_write": False}]}
    )
    server.answers["/two/collections/"] = _answer({})
    return server


def test_api_roots_and_collections_are_found_from_discovery_and_from_a_root(serve: Serve) -> None:
    server = _server(serve)
    feed = Collection("91a7b528", "Feed", True)
    assert roots(asker(server.url), f"{server.url}/taxii2") == [Root(f"{server.url}/one/", (feed,)), Root(f"{server.url}/two/", ())]
    assert roots(asker(server.url), f"{server.url}/one/") == [Root(f"{server.url}/one/", (feed,))]
    assert {headers["Accept"] for _, headers in server.asked} == {"application/taxii+json;version=2.1"}


def test_an_api_root_on_another_server_is_not_asked(serve: Serve) -> None:
    server, other = _server(serve), serve()
    server.answers["/taxii2/"] = _answer({"api_roots": [f"{other.url}/one/"]})
    with pytest.raises(ValueError, match="another server"):
        roots(asker(server.url, "bearer secret"), f"{server.url}/taxii2/")
    assert other.asked == []


def test_pages_are_followed_by_next_and_by_the_time_of_the_last(serve: Serve) -> None:
    server = _server(serve)
    path = "/one/collections/91a7b528/objects/"
    after = "added_after=2026-06-01T00%3A00%3A00.000000Z&limit=2"
    server.answers[f"{path}?{after}"] = _answer({"more": True, "next": "a b", "objects": [{"id": 1}, {"id": 2}]})
    later = "2026-06-02T00:00:00.000000Z"
    server.answers[f"{path}?{after}&next=a+b"] = _answer({"more": True, "objects": [{"id": 3}]}, X_TAXII_Date_Added_Last=later)
    resumed = "added_after=2026-06-02T00%3A00%3A00.000000Z&limit=2"
    server.answers[f"{path}?{resumed}"] = _answer({"objects": [{"id": 4}]}, X_TAXII_Date_Added_Last="rubbish")
    found = list(pages(asker(server.url), Root(f"{server.url}/one/", ()), FEED, datetime(2026, 6, 1, tzinfo=UTC), 2))
    assert [[bytes(one) for one in page.objects] for page in found] == [[b'{"id": 1}', b'{"id": 2}'], [b'{"id": 3}'], [b'{"id": 4}']]
    assert [page.last for page in found] == ["", later, ""]


@pytest.mark.parametrize("said", [{"more": True}, {"more": True, "next": "same"}])
def test_pages_without_end_are_given_up(serve: Serve, said: dict[str, object]) -> None:
    server = _server(serve)
    path = "/one/collections/91a7b528/objects/"
    server.answers[path] = server.answers[f"{path}?next=same"] = _answer(said)
    with pytest.raises(ValueError, match="and not where"):
        list(pages(asker(server.url), Root(f"{server.url}/one/", ()), FEED))


def test_pages_are_bounded(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taxii, "MOST_PAGES", 1)
    server = _server(serve)
    server.answers["/one/collections/91a7b528/objects/"] = _answer({"more": True, "next": "2"})
    with pytest.raises(ValueError, match="more than 1 pages"):
        list(pages(asker(server.url), Root(f"{server.url}/one/", ()), FEED))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((200, {"Content-Type": "text/html"}, b"<html>"), "not TAXII 2.1"),
        ((200, {"Content-Type": "application/taxii+json;version=2.0"}, b"{}"), "not TAXII 2.1"),
        ((200, {"Content-Type": "application/vnd.oasis.taxii+json; version=2.0"}, b"{}"), "not TAXII 2.1"),
        ((200, {"Content-Type": MEDIA_TYPE}, b'{"api_roots": 1}'), "not as TAXII defines"),
        ((200, {"Content-Type": MEDIA_TYPE}, b"[" * 100_000), "not as TAXII defines"),
        ((200, {"Content-Type": MEDIA_TYPE}, b"{}"), "neither a TAXII"),
        (_answer({"api_roots": ["/x"] * 65}), "more than 64"),
    ],
)
def test_what_is_no_taxii_is_said(serve: Serve, answer: tuple[int, dict[str, str], bytes], said: str) -> None:
    server = serve()
    server.answers["/taxii2/"] = answer
    with pytest.raises(ValueError, match=said):
        roots(asker(server.url), f"{server.url}/taxii2/")


def test_a_collection_is_named_by_id_alias_or_title_and_must_be_readable() -> None:
    closed = Collection("2", "Closed")
    found = [Root("https://x/1/", (FEED, closed)), Root("https://x/2/", (Collection("3", "Twice", True), Collection("4", "Twice", True)))]
    assert [named(found, name)[1] for name in ("91a7b528", "feed", "Feed")] == [FEED] * 3
    for name, said in (("nobody", r"no collections.*91a7b528 \(Feed\)"), ("Twice", "2 collections"), ("Closed", "may not be read")):
        with pytest.raises(ValueError, match=said):
            named(found, name)


def test_an_id_cannot_lead_elsewhere(serve: Serve) -> None:
    server = _server(serve)
    server.answers["/one/collections/..%2F..%2Fx%3F/objects/"] = _answer({"objects": []})
    assert len(list(pages(asker(server.url), Root(f"{server.url}/one/", ()), Collection("../../x?", can_read=True)))) == 1
