"""What people are told: in their language, no more than a route allows, the same twice, and nothing that a log could make of it."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from watchkeeper.autopilot.telling import Change, digest, outgoing, trial, try_route
from watchkeeper.model.asset import Asset
from watchkeeper.model.incident import Case, Incident
from watchkeeper.model.message import Message
from watchkeeper.notify.channel import NotSentError
from watchkeeper.notify.routes import Routes

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
WHOLE = Path(__file__).parents[1] / "cases" / "reporting" / "whole" / "case.json"
TO = {"channel": "slack", "url": "env:WK_TEST_URL"}


@pytest.fixture(scope="module")
def incident() -> Incident:
    return Case.model_validate_json(WHOLE.read_text("utf-8")).incidents[0].model_copy(update={"shown": True, "level": "critical"})


def _asset(name: str) -> Asset:
    return Asset(name=name, owner="dba", protected=name == "dc1")


def _routes(*routes: dict[str, Any]) -> Routes:
    return Routes.model_validate(
        {"base_url": "https://console.example/", "routes": [{"name": "duty", "to": TO, **one} for one in routes or ({},)]}
    )


def _told(change: Change, routes: Routes) -> list[Message]:
    return [one.message for one in outgoing(change, routes, _asset, NOON)]


def test_it_says_what_is_known_what_is_not_and_what_to_do(incident: Incident) -> None:
    [message] = _told(Change("default", None, incident), _routes())
    headings = [section.heading for section in message.sections]
    assert headings == ["Why you are told", "What is known", "What is not known", "First steps"]
    assert incident.title[:20] in message.subject
    assert message.link == f"https://console.example/incidents/{incident.id}?tenant=default"
    assert message.hosts == incident.hosts


def test_what_was_only_just_found_says_what_is_known_at_once_too(incident: Incident) -> None:
    bare = incident.model_copy(update={"notice": None, "verdict": None, "trace": None, "plan": None})
    [message] = _told(Change("default", None, bare), _routes())
    said = {section.heading: section.lines for section in message.sections}
    assert any(line.startswith("hosts concerned: ") for line in said["What is known"])
    assert "whether it succeeded is not known yet" in said["What is not known"]


def test_it_is_said_in_chinese(incident: Incident) -> None:
    [message] = _told(Change("default", None, incident), _routes({"language": "zh"}))
    assert [section.heading for section in message.sections] == ["为何通知您", "已知情况", "尚不清楚", "首先要做的事"]


def test_the_short_form_names_nothing_of_the_inside(incident: Incident) -> None:
    assert incident.hosts
    [message] = _told(Change("default", None, incident), _routes({"details": "short"}))
    text = message.model_dump_json().replace(message.link, "").replace(incident.id, "")
    names = [*incident.hosts, incident.title, *incident.techniques, *(entity.value for entity in incident.entities)]
    assert [name for name in names if name and name in text] == []
    assert "critical" in message.subject


def test_the_same_change_is_the_same_message_and_no_change_is_none(incident: Incident) -> None:
    change = Change("default", None, incident)
    assert [one.key for one in _told(change, _routes())] == [one.key for one in _told(change, _routes())]
    assert _told(Change("default", incident, incident), _routes()) == []
    assert {one.key for one in _told(Change("acme", None, incident), _routes())}.isdisjoint(one.key for one in _told(change, _routes()))


def test_owners_come_from_assets_and_protection_does_too(incident: Incident) -> None:
    bare = incident.model_copy(update={"notice": None})
    assert _told(Change("default", None, bare), _routes({"owners": ["web"]})) == []
    assert len(_told(Change("default", None, bare), _routes({"owners": ["dba"]}))) == 1
    spread = incident.model_copy(update={"hosts": (*incident.hosts, "dc1")})
    [message] = _told(Change("default", incident, spread), _routes())
    assert message.reasons == ("spread",)
    assert "It reached a protected asset" in message.subject


def test_it_goes_on_after_it_was_closed(incident: Incident) -> None:
    [message] = _told(Change("default", incident, incident, is_reopened=True), _routes())
    assert message.reasons == ("re-opened",)


def test_what_is_synthetic_says_so(incident: Incident) -> None:
    [message] = _told(Change("default", None, incident.model_copy(update={"synthetic": True})), _routes())
    assert message.subject.startswith("[SYNTHETIC]")


def test_several_become_one_with_the_most_severe_first(incident: Incident) -> None:
    routes = _routes({"level": "low"})
    low = incident.model_copy(update={"id": "b", "level": "low", "title": "Small thing"})
    messages = [*_told(Change("default", None, low), routes), *_told(Change("default", None, incident), routes)]
    one = digest(routes, routes.routes[0], messages)
    assert one.level == "critical"
    assert "2 messages" in one.subject
    assert "Small thing" in one.sections[0].lines[1]
    assert one.key == digest(routes, routes.routes[0], messages[::-1]).key
    many = digest(routes, routes.routes[0], messages * 40)
    assert many.sections[0].lines[-1] == "30 more"


def test_hostile_titles_and_hosts_are_cut_and_made_visible(incident: Incident) -> None:
    hostile = incident.model_copy(update={"title": "a\r\nBcc: x\u202e" + "b" * 9_000, "hosts": ("h\x1b[31m" + "c" * 9_000,) * 3})
    [message] = _told(Change("default", None, hostile), _routes())
    assert len(message.subject) < 1_500
    assert not {"\r", "\n", "\u202e", "\x1b"} & set(message.subject)


def test_a_try_says_that_it_is_one_and_where_it_went(monkeypatch: pytest.MonkeyPatch) -> None:
    routes = _routes()
    message = trial(routes, routes.routes[0], NOON)
    assert (message.subject, message.reasons) == ("A try from Watchkeeper", ("test",))
    with pytest.raises(ValueError, match="no route 'nobody'; there are duty"):
        try_route(routes, "nobody", NOON)
    monkeypatch.setenv("WK_TEST_URL", "http://127.0.0.1:9/secret")
    monkeypatch.setenv("no_proxy", "*")
    with pytest.raises(NotSentError, match="ConnectError") as caught:
        try_route(routes, "duty", NOON)
    assert "secret" not in str(caught.value)


def test_a_try_arrives(serve: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve()
    server.answers["/hook"] = (200, {}, b"ok")
    monkeypatch.setenv("WK_TEST_URL", f"{server.url}/hook")
    assert try_route(_routes(), "duty", NOON) == "env:WK_TEST_URL"
    assert b"A try from Watchkeeper" in server.posted[0]


@pytest.mark.parametrize(("lang", "mark"), [("en", "[EXERCISE spring"), ("zh", "[演练 spring")])
def test_what_is_wholly_of_an_exercise_says_so_and_is_told_all_the_same(incident: Incident, lang: str, mark: str) -> None:
    [message] = _told(Change("default", None, incident, exercise="spring\x1b[2J"), _routes({"language": lang}))
    assert mark in message.subject
    assert "\x1b" not in message.subject
    [real] = _told(Change("default", None, incident), _routes({"language": lang}))
    assert mark not in real.subject
    assert real.key == message.key
