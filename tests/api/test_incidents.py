"""Incidents over the API: narrowed, paged, told, closed, merged; who may not is refused, what is not there is not found."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

Bearer = Callable[..., dict[str, str]]
Ask = Callable[..., Any]


def test_pages_hold_every_incident_once_newest_first(ask: Ask) -> None:
    first = ask("GET", "incidents?limit=1")
    second = ask("GET", f"incidents?limit=1&after={first['next']}")
    every = ask("GET", "incidents")["items"]
    assert [one["hosts"] for one in every] == [["ws2"], ["ws1"]]
    assert [*first["items"], *second["items"]] == every
    assert ask("GET", f"incidents?limit=1&after={second['next']}") == {"items": [], "next": ""}


@pytest.mark.parametrize(
    ("query", "hosts"),
    [
        ("host=WS1", ["ws1"]),
        ("user=u3", ["ws2"]),
        ("technique=T1059", ["ws2", "ws1"]),
        ("technique=T1003", []),
        ("level=critical", []),
        ("status=open", ["ws2", "ws1"]),
        ("since=2025-04-03T00:00:00Z", ["ws2"]),
        ("until=2025-04-03T00:00:00Z", ["ws1"]),
        ("text=EVIL", ["ws2", "ws1"]),
        ("sort=score&host=ws2", ["ws2"]),
        ("assigned=ann", []),
    ],
)
def test_a_filter_narrows_the_list(ask: Ask, query: str, hosts: list[str]) -> None:
    assert [host for one in ask("GET", f"incidents?{query}")["items"] for host in one["hosts"]] == hosts


def test_what_is_told_is_in_the_readers_language(ask: Ask) -> None:
    one = ask("GET", "incidents?host=ws1")["items"][0]["id"]
    seen = ask("GET", f"incidents/{one[:8]}")
    assert seen["summary"]["id"] == seen["incident"]["id"] == one
    english, chinese = (ask("GET", f"incidents/{one}/questions?lang={lang}") for lang in ("en", "zh"))
    assert len(english["answers"]) == 4
    assert english["answers"][0]["question"].startswith("Where")
    assert chinese["answers"] != english["answers"]
    story, graph = ask("GET", f"incidents/{one}/story"), ask("GET", f"incidents/{one}/graph")
    assert all(sentence["events"] for sentence in story["sentences"])
    assert len(graph["nodes"]) >= 2
    events = ask("GET", f"incidents/{one}/events")["items"]
    assert {event["host"] for event in events} == {"ws1"}
    assert {signal["incident"] for signal in ask("GET", f"incidents/{one}/signals")["items"]} == {one}
    assert {happening["kind"] for happening in ask("GET", f"incidents/{one}/timeline")["items"]} >= {"signals"}


def test_what_people_do_is_kept_and_shows_in_the_course(ask: Ask) -> None:
    one, other = (line["id"] for line in ask("GET", "incidents")["items"])
    assert ask("POST", f"incidents/{one}/comments", 201, text="looks odd")["by"] == "t"
    ask("PUT", f"incidents/{one}/assigned", to="ann")
    ask("POST", f"incidents/{one}/close", why="rebuilt")
    assert ask("GET", "incidents?status=closed&assigned=ann")["items"][0]["standing"]["why"] == "rebuilt"
    assert "is closed already" in ask("POST", f"incidents/{one}/close", 400, why="again")["detail"]
    ask("POST", f"incidents/{one}/reopen", why="too early")
    kinds = {happening["kind"] for happening in ask("GET", f"incidents/{one}/timeline?limit=500")["items"]}
    assert kinds >= {"comment", "assigned", "closed", "re-opened"}
    assert [one["kind"] for one in ask("GET", f"incidents/{one}/comments")["items"]] == ["comment", "assigned"]
    told = ask("POST", f"incidents/{one}/merge", other=other, why="one attacker", what_if=True)
    assert (told["kept"], len(told["resized"])) == (False, 2)
    ask("POST", f"incidents/{one}/merge", other=other, why="one attacker")
    assert [line["id"] for line in ask("GET", "incidents")["items"]] == [one]
    assert ask("GET", "edits")["items"][0]["applies"]
    ask("POST", f"incidents/{one}/unmerge", what_if=False)
    assert len(ask("GET", "incidents")["items"]) == 2


def test_what_is_not_there_or_another_tenants_is_not_found(answering: TestClient, ask: Ask, bearer: Bearer) -> None:
    one = ask("GET", "incidents")["items"][0]["id"]
    assert "0 incidents begin" in ask("GET", "incidents/ffffffff", 404)["detail"]
    theirs = bearer("analyst", "acme")
    assert answering.get(f"/api/incidents/{one}", headers=theirs).status_code == 404
    assert answering.get("/api/incidents", headers=theirs).json()["items"] == []
    assert ask("GET", "incidents?after=bogus", 400)["detail"].startswith("cursor")
