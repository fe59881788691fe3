"""The one way to a change: ruled on twice, written down before and after, never done twice."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from tests.brain.ethics.conftest import ADDRESS, MemoryLedger, World, proposal, raised, word
from tests.brain.ethics.planner import planned, ready

from watchkeeper.brain.ethics.acting import act, answer, due, look, propose, undo
from watchkeeper.brain.ethics.braking import set_brake
from watchkeeper.model.asset import Asset
from watchkeeper.model.entity import Entity
from watchkeeper.model.means import Job
from watchkeeper.model.policy import Brake
from watchkeeper.model.proposal import Proposal, Seen


def test_as_shipped_a_person_approves_then_it_is_done_checked_and_expires(ledger: MemoryLedger, world: World) -> None:
    asked = proposal()
    assert (propose(ledger, asked, world.about).state, world.place.done) == ("waiting", [])
    assert act(ledger, asked.id, world.about).state == "waiting"
    assert answer(ledger, word(asked, "ann", world), world.about).state == "ready"
    assert act(ledger, asked.id, world.about).state == "in-force"
    assert look(ledger, asked.id, world.about).state == "verified"
    world.passes(seconds=3601)
    assert [record.state for record in due(ledger, world.about)] == ["expired"]
    assert ("block_address", ADDRESS) not in world.place.in_force
    told = [entry.what for entry in ledger.state.log]
    assert told == [
        "action waits for people", "action approved", "action allowed", "action begun", "action done", "action verified",
        "undo begun", "action expired",
    ]  # fmt: skip


def test_whoever_asks_and_is_alone_is_told_what_to_do(ledger: MemoryLedger, world: World) -> None:
    asked = proposal(asked_by="person:ann")
    assert propose(ledger, asked, world.about).state == "waiting"
    with pytest.raises(ValueError, match=r"'Ann ' asked for .* `watchkeeper users add` .* what a playbook proposes, or does this by hand"):
        answer(ledger, word(asked, "Ann ", world), world.about)
    assert answer(ledger, word(asked, "bea", world), world.about).state == "ready"


def test_a_class_that_people_promoted_runs_alone(ledger: MemoryLedger, world: World) -> None:
    raised(ledger, world, "L3")
    asked = proposal()
    assert propose(ledger, asked, world.about).state == "ready"
    assert act(ledger, asked.id, world.about).state == "in-force"
    assert act(ledger, asked.id, world.about).state == "in-force"
    assert len(world.place.done) == 1


def test_who_died_after_doing_it_does_not_do_it_again(ledger: MemoryLedger, world: World) -> None:
    asked = proposal()
    ready(ledger, world, asked)

    def dies(what: str, _: Job) -> None:
        if what == "did":
            raise KeyboardInterrupt

    world.place.trouble = dies
    with pytest.raises(KeyboardInterrupt):
        act(ledger, asked.id, world.about, holder="flow-1")
    world.place.trouble = lambda _what, _job: None
    assert act(ledger, asked.id, world.about, holder="another").state == "doing", "it may still be at it"
    assert act(ledger, asked.id, world.about, holder="flow-1").state == "in-force"
    assert len(world.place.done) == 1


JOE = Entity(kind="user", value="joe")


def account(world: World, value: str) -> Proposal:
    """Ask for an account to be disabled, of which the place says something."""
    world.place.values = {JOE: value}
    world.assets = {JOE: Asset(name="joe", role="person", learnt=False)}
    return proposal(action="disable_account", targets=(JOE,))


@pytest.mark.parametrize("point", ["former", "do", "did", "check", "undo", "undid"])
@pytest.mark.parametrize("value", ["on 512", "off"])
def test_what_was_there_comes_back_whenever_the_process_died(ledger: MemoryLedger, world: World, point: str, value: str) -> None:
    asked = account(world, value)
    ready(ledger, world, asked)
    left = [point]

    def dies(what: str, _: Job) -> None:
        if what in left:
            left.remove(what)
            raise KeyboardInterrupt

    world.place.trouble = dies
    steps: list[Callable[[], object]] = [
        lambda: act(ledger, asked.id, world.about, holder="flow-1"),
        lambda: act(ledger, asked.id, world.about, holder="flow-1"),
        lambda: look(ledger, asked.id, world.about),
        lambda: world.passes(hours=2),
        lambda: due(ledger, world.about),
        lambda: world.passes(hours=1),
        lambda: due(ledger, world.about),
    ]
    for step in steps:
        with suppress(KeyboardInterrupt):
            step()
    assert left == []
    assert world.place.values == {JOE: value}
    assert ledger.state.records[asked.id].state == "expired"


def test_nothing_is_done_before_what_was_there_is_kept(ledger: MemoryLedger, world: World) -> None:
    asked = account(world, "on 512")
    ready(ledger, world, asked)
    kept: list[str] = []

    def watch(what: str, job: Job) -> None:
        if what == "do":
            kept.extend((ledger.state.records[asked.id].reference, job.reference))

    world.place.trouble = watch
    assert act(ledger, asked.id, world.about).reference == "on 512"
    assert kept == ["on 512", "on 512"]


@pytest.mark.parametrize(("error", "state"), [(ConnectionError("no answer"), "doing"), (ValueError("no such account"), "failed")])
def test_a_place_that_does_not_say_what_was_there_changes_nothing(ledger: MemoryLedger, world: World, error: Exception, state: str) -> None:
    asked = account(world, "on 512")
    ready(ledger, world, asked)

    def silent(what: str, _: Job) -> None:
        if what == "former":
            raise error

    world.place.trouble = silent
    assert act(ledger, asked.id, world.about).state == state
    assert world.place.done == []
    if state == "doing":
        assert undo(ledger, asked.id, "person:bea", "not needed", world.about).state == "undone"
        assert world.place.undone == [], "there is nothing to take back"


def test_a_brake_that_is_set_while_the_place_says_what_was_there_holds(ledger: MemoryLedger, world: World) -> None:
    asked = account(world, "on 512")
    ready(ledger, world, asked)

    def braked(what: str, _: Job) -> None:
        if what == "former":
            set_brake(ledger, Brake(scope="default", on=True, by="bea", time=world.now, why="stop"))

    world.place.trouble = braked
    assert act(ledger, asked.id, world.about).state == "failed"
    assert world.place.done == []


def test_what_answers_success_and_does_nothing_is_found_out_and_demoted(ledger: MemoryLedger, world: World) -> None:
    raised(ledger, world, "L3")
    asked = proposal()
    propose(ledger, asked, world.about)
    world.place.is_deaf = True
    assert act(ledger, asked.id, world.about).state == "in-force"
    assert look(ledger, asked.id, world.about).state == "undone"
    assert [(told.level, told.by) for told in ledger.state.levels] == [("L3", "ann"), ("L2", "system")]


def test_what_a_place_refuses_takes_back_nothing_that_another_action_holds(ledger: MemoryLedger, world: World) -> None:
    other, asked = proposal(), proposal(targets=(ADDRESS, Entity(kind="address", value="203.0.113.6")))
    for one in (other, asked):
        ready(ledger, world, one)
    act(ledger, other.id, world.about)

    def refused(what: str, _: Job) -> None:
        if what == "do":
            raise ValueError("no more room")

    world.place.trouble = refused
    assert act(ledger, asked.id, world.about).state == "failed"
    assert world.place.holds("block_address", ADDRESS)


def test_what_is_taken_back_is_seen_to_be_gone_before_it_counts_as_that(ledger: MemoryLedger, world: World) -> None:
    """A place that answers success, does nothing, and then cannot be looked at: it is tried again until it was seen."""
    asked = proposal()
    ready(ledger, world, asked)
    act(ledger, asked.id, world.about)

    def silent(what: str, _: Job) -> None:
        if what == "check":
            raise ConnectionError("no answer")

    world.place.is_deaf, world.place.trouble = True, silent
    assert undo(ledger, asked.id, "person:bea", "no", world.about).state == "undoing"
    world.place.is_deaf, world.place.trouble = False, lambda _what, _job: None
    world.passes(minutes=10)
    assert [record.state for record in due(ledger, world.about)] == ["undone"]
    assert not world.place.holds("block_address", ADDRESS)


def test_telemetry_that_says_no_is_believed(ledger: MemoryLedger, world: World) -> None:
    asked = proposal()
    ready(ledger, world, asked)
    act(ledger, asked.id, world.about)
    seen = Seen(where="telemetry", outcome="not-in-force", time=world.now, said="12 packets since")
    assert look(ledger, asked.id, world.about, seen).state == "undone"


def test_a_person_takes_back_what_ran_alone_and_its_class_is_demoted(ledger: MemoryLedger, world: World) -> None:
    raised(ledger, world, "L3")
    asked = proposal()
    propose(ledger, asked, world.about)
    act(ledger, asked.id, world.about)
    assert undo(ledger, asked.id, "person:bea", "that is our partner", world.about).state == "undone"
    assert ledger.state.levels[-1].level == "L2"
    assert propose(ledger, proposal(wave=1), world.about).state == "waiting"


def test_an_ordinary_planner_gets_done_what_is_permitted_and_necessary() -> None:
    wanted, completed = planned(60)
    assert wanted == 720
    assert completed / wanted >= 0.95


@pytest.mark.parametrize(("telemetry", "state"), [("in-force", "verified"), ("unknown", "undone"), ("not-in-force", "undone")])
def test_where_the_place_cannot_say_the_record_of_events_does(
    ledger: MemoryLedger, world: World, telemetry: Any, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a change that neither shows in its time nobody says that it works."""
    asked = proposal()
    ready(ledger, world, asked)
    act(ledger, asked.id, world.about)
    unseen = Seen(where="target", outcome="unknown", time=world.now, said="it cannot be asked")
    monkeypatch.setattr(world.place, "check", lambda _: unseen)
    world.passes(seconds=61)
    assert look(ledger, asked.id, world.about, Seen(where="telemetry", outcome=telemetry, time=world.now, said="events")).state == state


def test_what_changes_nothing_and_cannot_be_seen_stays_as_it_is(
    ledger: MemoryLedger, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = proposal(action="notify", undoable=False, expiry_seconds=None)
    ready(ledger, world, asked)
    act(ledger, asked.id, world.about)
    monkeypatch.setattr(world.place, "check", lambda _: Seen(where="target", outcome="unknown", time=world.now, said="a mail is gone"))
    world.passes(seconds=400)
    assert look(ledger, asked.id, world.about).state == "in-force"
    assert ledger.state.levels == []
