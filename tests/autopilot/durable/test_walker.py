"""Flows, walked within one process: from an incident to a verified action, and what becomes of what goes wrong."""

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.autopilot.durable.conftest import PLAYBOOK, World, incident, keep, world

from watchkeeper.autopilot.durable.walker import Walker, walk
from watchkeeper.brain.ethics.acting import act, propose
from watchkeeper.model.flow import Flow
from watchkeeper.model.playbook import Tell

_LONGEST = 120.0


@pytest.fixture
def here(place: Path | str, tmp_path: Path) -> Iterator[World]:
    one = world(place, tmp_path / "state")
    yield one
    one.store.close()


def run(one: World, until: Callable[[], Any], seen: Callable[[Walker], None] = lambda _: None) -> None:
    """Walk until something holds."""
    began = time.monotonic()

    def over() -> bool:
        assert time.monotonic() - began < _LONGEST, [flow(one), one.records(), one.log]
        return bool(until())

    with one.office() as office:
        asyncio.run(walk(office, over, seen))


def flow(one: World, id_: str = "i1") -> Flow:
    found = one.store.flow(id_)
    assert found is not None
    return found


def state(one: World, id_: str = "i1") -> str:
    found = one.store.flow(id_)
    return found.state if found else ""


def test_an_incident_goes_from_verdict_to_report(here: World) -> None:
    keep(here.store, incident())
    run(here, lambda: state(here) == "waiting")
    assert [record.state for record in here.records()] == ["waiting"]
    assert here.place.calls("do") == 0
    assert here.approve() == 1
    run(here, lambda: state(here) == "done")
    assert [record.state for record in here.records()] == ["verified"]
    assert here.place.calls("do") == 1
    told = [(stage.operation, stage.said.code) for stage in flow(here).stages]
    assert told[0] == ("warn", "walked.nothing")
    assert [operation for operation, _ in told][:5] == ["warn", "triage", "trace", "track", "assess"]
    assert [said for operation, said in told if operation == "respond"] == ["walked.playbook", "walked.proposed", "walked.action.in-force"]
    assert told[-2:] == [("verify", "walked.verified"), ("report", "walked.reported")]
    assert flow(here).stages[1].digest
    assert flow(here).failures == ()


def test_what_a_person_denies_is_not_done(here: World) -> None:
    keep(here.store, incident())
    run(here, lambda: state(here) == "done", lambda _: here.approve(agrees=False) and None)
    assert [record.state for record in here.records()] == ["denied"]
    assert here.place.calls("do") == 0
    assert flow(here).stages[-1].said.code == "walked.reported"


def test_an_incident_that_grows_goes_on_with_what_is_new_alone(here: World) -> None:
    keep(here.store, incident())
    run(here, lambda: state(here) == "waiting")
    first = here.records()[0]
    keep(here.store, incident(addresses=("203.0.113.7", "203.0.113.8")))
    run(here, lambda: len(here.records()) == 2)
    assert first in here.records()
    run(here, lambda: state(here) == "done", lambda _: here.approve() and None)
    assert here.place.calls("do") == 2
    assert {record.state for record in here.records()} == {"verified"}


def test_an_incident_that_grows_after_its_flow_ended_is_walked_again(here: World) -> None:
    """Of a second wave only what is new is asked for and done; what is in force stays as it is, also where the plan names it no more."""
    keep(here.store, incident())
    run(here, lambda: state(here) == "done", lambda _: here.approve() and None)
    [first] = here.records()
    waves = [("203.0.113.7", "203.0.113.8"), ("203.0.113.9",)]
    for number, addresses in enumerate(waves, 2):
        keep(here.store, incident(addresses=addresses))
        run(here, lambda wanted=number: flow(here).number == wanted and state(here) == "done", lambda _: here.approve() and None)
        again = next(record for record in here.records() if record.id == first.id)
        assert (again.proposal, again.made, again.done, again.expires) == (first.proposal, first.made, first.done, first.expires)
        assert [len(record.proposal.targets) for record in here.records()] == [1] * number
        assert {record.state for record in here.records()} == {"verified"}
        assert here.place.keys("do") == {record.id: 1 for record in here.records()}
    assert {record.proposal.targets[0].value for record in here.records()} == {"203.0.113.7", "203.0.113.8", "203.0.113.9"}
    assert here.place.calls("undo") == 0


@pytest.mark.parametrize("untold", ["", "there is no route 'nowhere'"])
def test_that_people_cannot_be_told_is_a_failure_that_stops_nothing(untold: str, here: World) -> None:
    told = {"kind": "tell", "say": "Look.", "next": "block"}
    here.playbooks = [PLAYBOOK.model_copy(update={"start": "tell", "steps": {**PLAYBOOK.steps, "tell": Tell.model_validate(told)}})]
    here.untold = untold
    keep(here.store, incident())
    run(here, lambda: state(here) == "done", lambda _: here.approve() and None)
    assert [record.state for record in here.records()] == ["verified"]
    assert [(one.step, one.error) for one in flow(here).failures] == ([("respond", untold)] if untold else [])


def test_a_place_that_is_down_is_tried_again_then_fails_visibly_and_others_go_on(here: World) -> None:
    here.place.down = True
    keep(here.store, incident())
    run(here, lambda: state(here) == "failed", lambda _: here.approve() and None)
    failure = flow(here).failures[0]
    assert failure.step == "respond"
    assert "the place 'edge' does not answer" in failure.error
    assert [stage.tried for stage in flow(here).stages if stage.failure] == [3]
    assert here.place.calls("do") == 0
    here.place.down = False
    keep(here.store, incident("i2", ("203.0.113.9",)))
    run(here, lambda: state(here, "i2") == "done", lambda _: here.approve() and None)
    assert here.place.calls("do") >= 1


def test_without_the_database_of_flows_all_is_begun_again_and_nothing_is_done_twice(tmp_path: Path) -> None:
    one = world(tmp_path, tmp_path)
    keep(one.store, incident(), incident("i2", ("203.0.113.9",)))
    run(one, lambda: state(one) == state(one, "i2") == "waiting")
    one.approve()
    run(one, lambda: state(one) == state(one, "i2") == "done")
    one.store.change_flow("i2", lambda found: (found or flow(one)).model_copy(update={"state": "waiting"}))
    for path in tmp_path.glob("flows.db*"):
        path.unlink()
    run(one, lambda: state(one, "i2") == "done")
    assert (flow(one).number, flow(one, "i2").number) == (1, 2)
    assert one.place.calls("do") == 2
    one.store.close()


@pytest.mark.parametrize(("telemetry", "state"), [(None, "verified"), ("not-in-force", "undone")])
def test_what_a_person_had_done_is_looked_at_once_more_when_its_window_is_over(telemetry: Any, state: str, here: World) -> None:
    keep(here.store, incident())
    run(here, here.records)
    asked = here.records()[0].proposal.model_copy(update={"asked_by": "person:bob", "wave": 1})
    propose(here.ledger(), asked, here.about())
    here.approve()
    act(here.ledger(), asked.id, here.about())
    here.telemetry = telemetry

    def stands() -> str:
        return next(record.state for record in here.records() if record.id == asked.id)

    run(here, lambda: stands() == state)
    looks = [seen.where for record in here.records() if record.id == asked.id for seen in record.checks]
    assert looks.count("telemetry") == (1 if telemetry else 0)
