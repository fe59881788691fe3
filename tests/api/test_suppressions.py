"""Suppressions and watches over the API: kept with owner and reason, ended, and refused where they hide an attack."""

from collections.abc import Callable
from typing import Any

Ask = Callable[..., Any]


def test_a_suppression_is_kept_listed_and_ended(ask: Ask) -> None:
    wanted = {"where": [{"name": "host", "value": "ws1"}], "rule": "Evil runs", "owner": "ann", "why": "known", "days": 3}
    told = ask("POST", "suppressions", **wanted, what_if=True)
    assert (told["kept"], told["changes"]["told"][0]["hidden"], ask("GET", "suppressions")["items"]) == (False, 2, [])
    kept = ask("POST", "suppressions", **wanted)["suppression"]["id"]
    assert [one["owner"] for one in ask("GET", "suppressions")["items"]] == ["ann"]
    assert ask("POST", f"suppressions/{kept[:6]}/end")["ended"]
    assert "0 suppressions in force" in ask("POST", f"suppressions/{kept}/end", 404)["detail"]


def test_what_hides_an_attack_is_not_kept(ask: Ask) -> None:
    one = ask("GET", "incidents?host=ws1")["items"][0]["id"]
    ask("POST", "feedback", subject=one, verdict="succeeded", why="seen")
    told = ask("POST", "suppressions", where=[{"name": "host", "value": "ws1"}], rule="Evil runs", owner="ann", why="w")
    assert (told["kept"], "judged an attack" in told["refused"]) == (False, True)
    assert ask("GET", "suppressions")["items"] == []


def test_something_is_looked_out_for_and_taken_off(ask: Ask) -> None:
    one = ask("GET", "incidents?host=ws1")["items"][0]["id"]
    kept = ask("POST", "watches", 201, incident=one, kind="domain", value="evil[.]example", why="in the note")["watch"]
    assert kept["entity"]["value"] == "evil.example"
    assert (kept["id"], True) in [(item["watch"]["id"], item["live"]) for item in ask("GET", f"watches?incident={one[:6]}")["items"]]
    assert ask("POST", f"watches/{kept['id']}/end", why="no longer")["watch"]["ended_why"] == "no longer"
    assert "cannot be looked out for" in ask("POST", "watches", 400, incident=one, kind="mood", value="bad", why="w")["detail"]
