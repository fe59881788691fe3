"""An exercise hides nothing: with one declared, the stream comes to the same incidents and messages as without; only a mark is added."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from tests.autopilot.live.conftest import live as live  # noqa: PLC0414 -- the stage of the stream's own tests

from watchkeeper.autopilot.deliveries import tell
from watchkeeper.autopilot.exercise.scoring import score
from watchkeeper.model.acted import Acted
from watchkeeper.model.asset import Asset
from watchkeeper.model.exercise import Attackers, Exercise, PlanStep, Window
from watchkeeper.model.incident import Incident
from watchkeeper.model.live import LiveIncident
from watchkeeper.model.message import Message
from watchkeeper.notify.routes import Routes

START = datetime(2025, 3, 3, 8, tzinfo=UTC)
ROUTES = Routes.model_validate({"routes": [{"name": "duty", "to": {"channel": "slack", "url": "env:DUTY"}, "level": "low"}]})
HOUR = timedelta(hours=1)
RED = Exercise(
    id="e" * 32, name="spring", made=START, made_by="ann", scope=("ws2",), windows=(Window(since=START, until=START + 12 * HOUR),),
    attackers=Attackers(addresses=("198.51.100.7",), accounts=("bob",)),
    plan=(PlanStep(name="dump", technique="T1003", target="ws2", since=START + HOUR, until=START + 12 * HOUR),),
)  # fmt: skip


def _came_to(live: SimpleNamespace, exercise: Exercise | None, **last: Any) -> tuple[list[Incident], list[Message]]:
    """Let an attack go by, the last step of it otherwise if asked, and give incidents and messages."""
    theirs = [{"kind": "address", "value": "198.51.100.7"}]
    rows = [row | {"entities": theirs} for row in live.attack(300)]
    rows = [*live.everyday(5, 12), *rows[:-1], rows[-1] | last]
    with live.stage() as stage:
        store = stage.store()
        if exercise:
            store.keep_exercise(exercise)

        def told(_tenant: str, before: LiveIncident | None, after: LiveIncident) -> None:
            tell(store, ROUTES, lambda name: Asset(name=name), (before, after), START)

        keeper = stage.keeper(told)
        for frame in stage.frames(sorted(rows, key=lambda row: row["time"])):
            keeper.take(frame)
        stage.tick(keeper)
        found = [one.incident for one in stage.incidents()]
        assert exercise is None or bool(score(store, exercise, Acted(), START).incidents) == any("ws2" in one.hosts for one in found)
        return found, [one.outgoing.message for one in store.messages()]


def _bare(message: Message) -> dict[str, object]:
    """Give a message without its mark."""
    told = message.model_dump(exclude={"exercise"})
    sections = [[line for line in one["lines"] if "spring" not in line] for one in told["sections"]]
    return told | {"subject": message.subject.removeprefix("[EXERCISE spring] "), "sections": sections}


def test_declared_attackers_are_found_and_told_of_all_the_same_with_a_mark(live: SimpleNamespace) -> None:
    (found, messages), (marked, said) = _came_to(live, None), _came_to(live, RED)
    assert found
    assert messages
    assert marked == found
    assert [_bare(one) for one in said] == [_bare(one) for one in messages]
    assert [one.exercise for one in said if one.hosts == ("ws2",)] == ["spring"]
    assert [one.subject for one in said if one.exercise != "" and not one.subject.startswith("[EXERCISE spring] ")] == []
    assert {one.exercise for one in messages} == {""}


@pytest.mark.parametrize(
    "last",
    [
        {"user": "eve"},
        {"entities": [{"kind": "address", "value": "203.0.113.5"}]},
        {"entities": [{"kind": "address", "value": "198.51.100.7"}, {"kind": "address", "value": "8.8.4.4"}]},
    ],
)
def test_one_signal_of_somebody_else_and_it_is_told_as_real(live: SimpleNamespace, last: dict[str, Any]) -> None:
    found, said = _came_to(live, RED, **last)
    assert any(fold.title == "attack archive" for one in found if "ws2" in one.hosts for fold in one.folds)
    assert said
    assert {one.exercise for one in said} == {""}


@pytest.mark.parametrize(
    "changed",
    [
        {"windows": (Window(since=START, until=START + 2 * HOUR),)},
        {"scope": ("ws1",)},
        {"ended": START + 2 * HOUR, "ended_by": "ann"},
        {"attackers": Attackers(addresses=("198.51.100.8",), accounts=("bob",))},
        {"attackers": Attackers(addresses=("198.51.100.7",), accounts=("alice",))},
    ],
)
def test_what_was_not_agreed_is_told_as_real(live: SimpleNamespace, changed: dict[str, Any]) -> None:
    rows = [row | {"entities": [{"kind": "address", "value": "198.51.100.7"}]} for row in live.attack(300)]
    with live.stage() as stage:
        store = stage.store()
        store.keep_exercise(RED.model_copy(update=changed))

        def told(_tenant: str, before: LiveIncident | None, after: LiveIncident) -> None:
            tell(store, ROUTES, lambda name: Asset(name=name), (before, after), START)

        keeper = stage.keeper(told)
        for frame in stage.frames([*live.everyday(5, 12), *rows]):
            keeper.take(frame)
        stage.tick(keeper)
        assert {one.outgoing.message.exercise for one in store.messages() if one.outgoing.message.hosts == ("ws2",)} == {""}
