"""Rules over the API: listed, switched off with a reason, run again over kept events, and what they can reach there."""

from collections.abc import Callable
from typing import Any

from fastapi.testclient import TestClient

Ask = Callable[..., Any]
RULE = "0b0a5f2e-7a53-4c3c-9a7e-3d3f8f0e6a55"


def test_a_rule_is_listed_switched_off_and_says_why(ask: Ask) -> None:
    every = ask("GET", "rules?text=evil")["items"]
    assert [(one["id"], one["on"], one["techniques"]) for one in every] == [(RULE, True, ["T1059.003"])]
    assert ask("PUT", f"rules/{RULE[:8]}/switch", on=False, why="too loud")["by"] == "t"
    assert [one["switch"]["why"] for one in ask("GET", "rules?on=false")["items"]] == ["too loud"]
    assert ask("GET", "rules/Evil runs")["on"] is False
    assert "0 rules in force" in ask("GET", "rules/nonesuch", 404)["detail"]


def test_rules_look_at_kept_events_again_and_say_what_they_can_reach(ask: Ask) -> None:
    again = ask("POST", "rules/replay", rules=[RULE])
    assert (again["new"], again["known"], again["events"]) == (0, 3, 3)
    assert [(one["rule"], one["status"]) for one in ask("GET", "rules/reach")["items"]] == [(RULE, "reached")]
    assert "no case 'x' keeps events" in ask("GET", "rules/reach?case=x", 404)["detail"]


def test_how_a_rule_did_follows_from_what_people_said(ask: Ask) -> None:
    one = ask("GET", "incidents?host=ws1")["items"][0]["id"]
    assert ask("POST", "feedback", subject=one, verdict="benign", why="a test", what_if=True)["changes"]["cases"] == 1
    assert ask("POST", "feedback", subject=one, verdict="benign", why="a test")["kept"]
    assert [(record["record"]["rule"], record["record"]["false"]) for record in ask("GET", "rules/records")["items"]] == [(RULE, 1)]
    assert ask("GET", "feedback")["items"][0]["why"] == "a test"
    assert ask("GET", "incidents?verdict=benign")["items"][0]["status"] == "closed"


def test_a_filter_is_an_admins(answering: TestClient, ask: Ask, bearer: Callable[..., dict[str, str]]) -> None:
    assert "admin" in ask("POST", f"rules/{RULE}/filter", 403, accept=False)["detail"]
    said = answering.post(f"/api/rules/{RULE}/filter", headers=bearer("admin"), json={})
    assert (said.status_code, "was judged benign" in said.json()["detail"]) == (400, True)
