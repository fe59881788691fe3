"""Incidents of the stream and cursors, kept together."""

from datetime import UTC, datetime, timedelta

import pytest

from watchkeeper.model.entity import Entity
from watchkeeper.model.feedback import Feedback
from watchkeeper.model.incident import Incident
from watchkeeper.model.live import Cursor
from watchkeeper.model.watch import Standing
from watchkeeper.store import Advance, Store, Wanted

NOW = datetime(2025, 1, 1, tzinfo=UTC)


def _incident(name: str, **more: object) -> Incident:
    known = {
        "id": name, "rank": 1, "title": f"t\0{name}", "level": "high", "score": 1.0, "start": NOW, "end": NOW, "sessions": (),
        "folds": (), "hosts": ("h1",), "entities": (Entity(kind="user", value="ann"),), "techniques": ("T1059",), "tactics": (), "why": (),
        "shown": True,
    }  # fmt: skip
    return Incident.model_validate({**known, **more})


def _keep(store: Store, position: int, *incidents: Incident) -> dict[str, int]:
    return store.advance(Advance(Cursor(name="keeper", position=position, body=b"\0state"), incidents))


def test_an_incident_and_how_far_its_consumer_came_are_kept_together(store: Store) -> None:
    assert store.cursor("keeper") is None
    assert _keep(store, 5, _incident("a"), _incident("b")) == {"a": 1, "b": 1}
    assert _keep(store, 6, _incident("a"), _incident("b", score=2.0)) == {"a": 1, "b": 2}
    assert store.cursor("keeper") == Cursor(name="keeper", position=6, body=b"\0state")
    with pytest.raises(ValueError, match="not moved back"):
        _keep(store, 5, _incident("c"))
    assert store.live_incident("c") is None, "what came with a cursor that is refused is not kept"
    kept = store.live_incident("b")
    assert kept is not None
    assert (kept.incident, kept.status, kept.revision) == (_incident("b", score=2.0), "open", 2)


def test_incidents_are_found_by_what_they_are_about_page_by_page(store: Store) -> None:
    made = [_incident(f"i{n}", start=NOW + timedelta(hours=n // 2), end=NOW + timedelta(hours=n), score=n % 3) for n in range(9)]
    _keep(store, 1, *made, _incident("low", level="low", hosts=("h2",), start=None, end=None, shown=False))
    assert [one.incident.id for one in store.live_incidents(Wanted(marks=(("host", "h2"), ("user", "ann"))))] == ["low"]
    assert store.live_incidents(Wanted(marks=(("host", "h2"), ("user", "bob")))) == ()
    assert store.count_live_incidents(Wanted(level="medium", shown=True)) == 9
    assert store.count_live_incidents(Wanted(least_score=2.0, until=NOW + timedelta(hours=3), since=NOW + timedelta(hours=3))) == 1
    for order in ("first", "score"):
        seen: list[str] = []
        wanted = Wanted(order=order, most=2, level="high")
        while page := store.live_incidents(wanted):
            last = page[-1].incident
            seen += [one.incident.id for one in page]
            wanted = Wanted(order=order, most=2, level="high", after=(last.start if order == "first" else last.score, last.id))
        key = (lambda one: (one.start, one.id)) if order == "first" else (lambda one: (one.score, one.id))
        assert seen == [one.id for one in sorted(made, key=key, reverse=True)]


def test_an_incident_stands_as_people_last_said_and_what_joined_another_is_not_listed(store: Store) -> None:
    _keep(store, 1, _incident("a"), _incident("b"))
    store.keep_standing(Standing(incident="a", state="closed", time=NOW, by="ann", why="done"))
    _keep(store, 2, _incident("a", score=3.0))
    closed = store.live_incident("a")
    assert closed is not None
    assert (closed.status, closed.closed, closed.revision) == ("closed", NOW, 3), "new signals do not open what a person closed"
    again = Standing(incident="a", state="re-opened", time=NOW, case="c2")
    store.advance(Advance(Cursor(name="keeper", position=3), standings=(again,), merged={"b": "a", "unknown": "a"}))
    assert [one.incident.id for one in store.live_incidents(Wanted(status=("re-opened",)))] == ["a"]
    assert [(one.incident.id, one.into) for one in store.live_incidents(Wanted(merged=True))] == [("b", "a"), ("a", "")]
    assert store.count_live_incidents(Wanted()) == 1
    for verdict, status in (("benign", "closed"), ("succeeded", "re-opened")):
        store.add_feedback(Feedback(subject="a", verdict=verdict, why="w", by="me", time=NOW))
        assert store.count_live_incidents(Wanted(status=(status,))) == 1
