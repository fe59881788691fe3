"""Nothing real is treated as exercise: one thing that nobody declared is enough."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from watchkeeper.autopilot.exercise.belonging import belonging, exercise_of, undeclared
from watchkeeper.model.entity import Entity
from watchkeeper.model.exercise import Attackers, Exercise, Window
from watchkeeper.model.incident import Case, Incident
from watchkeeper.model.signal import Signal
from watchkeeper.store import open_store

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
CASE = Path(__file__).parents[2] / "cases" / "reporting" / "whole" / "case.json"
RED = Exercise(
    id="e" * 32, name="spring", made=NOON, made_by="ann", scope=("ws1", "srv2"),
    windows=(Window(since=NOON, until=NOON + timedelta(hours=2)),),
    attackers=Attackers(addresses=("198.51.100.7",), hosts=("ws1",), accounts=("red.one",), tools=("a" * 64,)),
)  # fmt: skip


def _signal(**otherwise: object) -> Signal:
    entities = (Entity(kind="address", value="198.51.100.7"), Entity(kind="user", value="red.one"))
    bare = {
        "id": "s1", "event_id": "e1", "time": NOON + timedelta(minutes=5), "host": "srv2", "user": "red.one", "source": "x", "row": 0,
        "rule": "r", "title": "t", "level": "high", "detector": "sigma", "entities": entities,
    }  # fmt: skip
    return Signal.model_validate({**bare, **otherwise})


def test_declared_source_account_time_and_place_together_are_of_the_exercise() -> None:
    assert undeclared(_signal(), RED) is None
    assert undeclared(_signal(user="corp\\red.one", entities=(Entity(kind="address", value="198.51.100.7"),)), RED) is None
    assert undeclared(_signal(host="ws1", entities=(Entity(kind="hash", value="a" * 64),), user=""), RED) is None


@pytest.mark.parametrize(
    ("otherwise", "why"),
    [
        ({"time": None}, "no-time"),
        ({"time": NOON - timedelta(seconds=1)}, "window"),
        ({"time": NOON + timedelta(hours=2)}, "window"),
        ({"host": "dc1"}, "scope"),
        ({"host": ""}, "scope"),
        ({"entities": ()}, "source"),
        ({"entities": (Entity(kind="hash", value="a" * 64),)}, "source"),
        ({"user": "bob"}, "thing"),
        ({"user": "red.one.admin"}, "thing"),
        ({"host": "ws1", "user": "", "entities": ()}, "thing"),
        ({"entities": (Entity(kind="address", value="198.51.100.7"), Entity(kind="address", value="8.8.4.4"))}, "outside"),
        ({"entities": (Entity(kind="address", value="198.51.100.7"), Entity(kind="address", value="203.0.113.5"))}, "outside"),
        ({"entities": (Entity(kind="address", value="198.51.100.7"), Entity(kind="address", value="100.64.0.9"))}, "outside"),
        ({"entities": (Entity(kind="address", value="198.51.100.7"), Entity(kind="address", value="::ffff:8.8.4.4"))}, "outside"),
        ({"entities": (Entity(kind="address", value="198.51.100.7"), Entity(kind="address", value="no address"))}, "outside"),
        ({"entities": (Entity(kind="address", value="198.51.100.7"), Entity(kind="user", value="bob"))}, "thing"),
    ],
)
def test_anything_that_does_not_fit_is_real(otherwise: dict[str, object], why: str) -> None:
    assert undeclared(_signal(**otherwise), RED) == why


def test_addresses_of_our_own_need_not_be_declared() -> None:
    inside = tuple(Entity(kind="address", value=one) for one in ("198.51.100.7", "10.1.2.3", "192.168.0.1", "fd00::1", "127.0.0.1", "::"))
    assert undeclared(_signal(entities=inside), RED) is None


def test_after_it_was_ended_a_declared_attacker_is_one_like_any_other() -> None:
    over = RED.model_copy(update={"ended": NOON + timedelta(minutes=1)})
    assert undeclared(_signal(), over) == "window"


def _incident(signals: int) -> Incident:
    incident = Case.model_validate_json(CASE.read_bytes()).incidents[0]
    fold = incident.folds[0].model_copy(update={"count": signals})
    return incident.model_copy(update={"folds": (fold,), "trace": None, "start": NOON, "end": NOON + timedelta(hours=1)})


def test_one_undeclared_signal_makes_an_incident_real_and_says_so() -> None:
    whole = belonging(_incident(2), (_signal(), _signal(id="s2")), RED)
    mixed = belonging(_incident(2), (_signal(), _signal(id="s2", user="bob")), RED)
    assert (whole.wholly, mixed.wholly, mixed.inside, mixed.why) == (True, False, 1, {"thing": 1})


def test_what_cannot_be_looked_at_makes_it_real() -> None:
    assert belonging(_incident(3), (_signal(),), RED).why == {"unseen": 2}
    assert not belonging(_incident(0), (), RED).wholly


def test_nothing_kept_of_its_signals_is_no_exercise(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.keep_exercise(RED)
    assert exercise_of(store, _incident(2)) == ""
    store.close()
