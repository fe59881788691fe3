"""Reports over the API: every form of an incident, the shift list, how things stand and figures that say what they are over."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

Ask = Callable[..., Any]
Bearer = Callable[..., dict[str, str]]


@pytest.mark.parametrize(
    ("form", "media", "sign"),
    [
        ("html", "text/html", "<!doctype html>"),
        ("md", "text/markdown", "Evil runs"),
        ("json", "application/json", '"incidents"'),
        ("stix", "application/stix+json", '"bundle"'),
        ("attack-flow", "application/stix+json", "attack-flow"),
        ("ocsf", "application/x-ndjson", "class_uid"),
        ("navigator", "application/json", "techniques"),
    ],
)
def test_an_incident_is_written_down_in_every_form(
    answering: TestClient, ask: Ask, bearer: Bearer, form: str, media: str, sign: str
) -> None:
    one = ask("GET", "incidents?host=ws1")["items"][0]["id"]
    told = answering.get(f"/api/reports/incidents/{one}?form={form}", headers=bearer("viewer"))
    assert (told.status_code, told.headers["content-type"].partition(";")[0]) == (200, media)
    assert sign.lower() in told.text.lower()


def test_a_report_is_as_people_see_the_incident_now(answering: TestClient, ask: Ask, bearer: Bearer) -> None:
    one, other = (line["id"] for line in ask("GET", "incidents")["items"])
    ask("POST", f"incidents/{one}/merge", other=other, why="one attacker")
    told = answering.get(f"/api/reports/incidents/{one}?form=json", headers=bearer("viewer"))
    assert [len(incident["folds"]) for incident in json.loads(told.text)["incidents"]] == [2]


def test_the_shift_list_says_what_is_open_and_what_was_done(ask: Ask) -> None:
    one = ask("GET", "incidents?host=ws1")["items"][0]["id"]
    assert ask("GET", "reports/summary") | {"version": "", "last_change": 0} == {
        "version": "", "tenant": "default", "open": 2, "critical": 0, "unassigned": 2, "sources": 0, "silent": [], "last_change": 0,
    }  # fmt: skip
    ask("POST", f"incidents/{one}/close", why="done")
    told = ask("GET", "reports/shift")
    assert ([line["hosts"] for line in told["open"]], told["closed"], told["judged"]) == ([["ws2"]], 1, 0)
    assert "ends before it begins" in ask("GET", "reports/shift?since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z", 400)["detail"]


def test_figures_say_what_they_are_over(ask: Ask) -> None:
    one = ask("GET", "incidents?host=ws1")["items"][0]["id"]
    ask("POST", "feedback", subject=one, verdict="benign", why="a test")
    found = {metric["name"]: metric for metric in ask("GET", "metrics")["metrics"]}
    wanted = {
        "detection": (None, 0), "closing": (None, 0), "judging": (None, 0), "folding": (1.0, 2), "false-rate": (1.0, 1), "open": (1, 2),
        "actions-done": (0, 0), "actions-alone": (None, 0),
    }  # fmt: skip
    assert {name: (found[name]["value"], found[name]["over"]) for name in wanted} == wanted
    assert all(metric["how"] for metric in found.values())


def test_the_week_is_told_beside_the_one_before(ask: Ask) -> None:
    told = ask("GET", "reports/week?lang=zh")
    assert [one["name"] for one in told["figures"]["metrics"]] == [one["name"] for one in told["before"]["metrics"]]
    assert told["silent"] == []
