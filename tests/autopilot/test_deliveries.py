"""Deliveries: what the store holds goes out, and what became of it is kept, over restarts."""

from collections.abc import Callable, Generator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from watchkeeper.autopilot.deliveries import deliver, tell
from watchkeeper.model.asset import Asset
from watchkeeper.model.incident import Case, Incident
from watchkeeper.model.live import Cursor
from watchkeeper.notify.routes import Routes
from watchkeeper.store import Advance, Store, open_store

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
WHOLE = Path(__file__).parents[1] / "cases" / "reporting" / "whole" / "case.json"


@pytest.fixture
def store(tmp_path: Path) -> Generator[Store]:
    with closing(open_store(tmp_path)) as opened:
        yield opened


@pytest.fixture
def incident() -> Incident:
    return Case.model_validate_json(WHOLE.read_text("utf-8")).incidents[0].model_copy(update={"shown": True, "level": "high"})


def _routes(**escalation: Any) -> Routes:
    duty = {"name": "duty", "to": {"channel": "slack", "url": "env:DUTY"}, **escalation}
    lead = {"name": "lead", "to": {"channel": "slack", "url": "env:LEAD"}, "only_escalated": True}
    return Routes.model_validate({"routes": [duty, lead]})


def _found(store: Store, incident: Incident, routes: Routes, **stood: Any) -> int:
    """Tell of an incident as whoever looks after it does."""
    before = store.live_incident(incident.id)
    store.advance(Advance(Cursor(name="keeper", position=1), (incident,)))
    after = store.live_incident(incident.id)
    assert after
    return tell(store, routes, lambda name: Asset(name=name), (before, after.model_copy(update=stood)), NOON)


def test_an_incident_is_told_once_however_often_it_is_kept_and_started_again(
    store: Store, incident: Incident, serve: Callable[[], Any]
) -> None:
    server = serve()
    server.answers["/hook"] = (200, {}, b"ok")
    for _ in range(3):
        _found(store, incident, _routes())
        deliver(store, _routes(), NOON, {"env:DUTY": f"{server.url}/hook"}.__getitem__)
    assert len(server.posted) == 1
    assert [one.state for one in store.messages()] == ["sent"]


def test_what_fails_waits_and_then_arrives(store: Store, incident: Incident, serve: Callable[[], Any]) -> None:
    server = serve()
    _found(store, incident, _routes())
    reveal = {"env:DUTY": f"{server.url}/hook"}.__getitem__
    server.answers["/hook"] = (503, {}, b"")
    assert deliver(store, _routes(), NOON, reveal).failed == {"slack": 1}
    assert "503" in store.messages()[0].note
    server.answers["/hook"] = (200, {}, b"")
    assert deliver(store, _routes(), NOON, reveal).sent == {}
    assert deliver(store, _routes(), NOON + timedelta(minutes=1), reveal).sent == {"slack": 1}


@pytest.mark.parametrize("acknowledged", [True, False])
def test_nobody_answers_so_the_next_one_is_told(store: Store, incident: Incident, serve: Callable[[], Any], acknowledged: bool) -> None:
    server = serve()
    server.answers = {"/duty": (200, {}, b""), "/lead": (200, {}, b"")}
    reveal = {"env:DUTY": f"{server.url}/duty", "env:LEAD": f"{server.url}/lead"}.__getitem__
    routes = _routes(escalate={"after_minutes": 15, "to": "lead"})
    _found(store, incident, routes)
    deliver(store, routes, NOON, reveal)
    if acknowledged:
        store.acknowledge(incident.id, "ann", NOON + timedelta(minutes=3))
    deliver(store, routes, NOON + timedelta(minutes=15), reveal)
    assert [path for path, _ in server.asked] == (["/duty"] if acknowledged else ["/duty", "/lead"])
    assert sorted(one.state for one in store.messages()) == (["not-needed", "sent"] if acknowledged else ["sent", "sent"])


def test_who_was_cut_off_tells_again_and_nobody_hears_it_twice(store: Store, incident: Incident) -> None:
    assert _found(store, incident, _routes()) == 1
    later = incident.model_copy(update={"hosts": (*incident.hosts, "ws9"), "score": 99.0})
    store.advance(Advance(Cursor(name="keeper", position=1), (later,)))
    after = store.live_incident(incident.id)
    assert after
    assert tell(store, _routes(), lambda name: Asset(name=name), (None, after), NOON) == 0


def test_what_is_closed_or_goes_on_elsewhere_is_not_told(store: Store, incident: Incident) -> None:
    assert _found(store, incident, _routes(), status="closed") == 0
    assert _found(store, incident, _routes(), into="other") == 0


def test_what_was_closed_and_is_seen_again_is_told(store: Store, incident: Incident) -> None:
    _found(store, incident, _routes())
    after = store.live_incident(incident.id)
    assert after
    closed, again = after.model_copy(update={"status": "closed"}), after.model_copy(update={"status": "re-opened"})
    assert tell(store, _routes(), lambda name: Asset(name=name), (closed, again), NOON) == 1
    assert [one.outgoing.message.reasons for one in store.messages()].count(("re-opened",)) == 1
