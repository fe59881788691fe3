"""Walking: every kind of step, what is refused, and what holds of every playbook."""

from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.autopilot.playbooks.conftest import END, FACTS, act, made
from tests.autopilot.playbooks.drawn import playbooks

from watchkeeper.autopilot.playbooks.walking import begin, next_steps
from watchkeeper.model.playbook import Playbook
from watchkeeper.model.proposal import ActionState
from watchkeeper.model.walked import Due, Position, StepResult, Walked

_QUESTION: dict[str, Any] = {
    "kind": "ask", "to": "role:responder", "question": "isolate it?", "default": "no", "within_seconds": 600,
    "choices": [{"name": "yes", "said": "yes", "then": "isolate"}, {"name": "no", "said": "no"}], "next": "end",
}  # fmt: skip
_ISOLATE = {"kind": "act", "actions": [{"action": "isolate_host"}], "next": "isolated"}


def _due(walked: Walked) -> list[str]:
    return [one.key for one in walked.due]


def _step(playbook: Playbook, position: Position, *results: StepResult) -> Walked:
    return next_steps(playbook, position, FACTS, results)


@pytest.mark.parametrize(
    ("states", "comes", "outcome"),
    [
        (("verified", "verified"), "told", "verified"),
        ((), "told", "nothing"),
        (("verified", "denied"), "refused", "refused"),
        (("lapsed",), "refused", "refused"),
        (("undone",), "refused", "refused"),
        (("refused", "ineffective"), "ineffective", "ineffective"),
        (("expired",), "ineffective", "ineffective"),
        (("failed",), "ineffective", "ineffective"),
    ],
)
def test_what_comes_after_actions_is_what_the_worst_of_them_came_to(states: tuple[ActionState, ...], comes: str, outcome: str) -> None:
    tells = {name: {"kind": "tell", "say": name, "next": "end"} for name in ("told", "refused", "ineffective")}
    steps = {"first": act(next="told", on_refused="refused", on_ineffective="ineffective"), **tells, "end": END}
    playbook = made(steps)
    walked = _step(playbook, begin(playbook, FACTS), StepResult(key="first#1", states=states))
    assert _due(walked) == [f"{comes}#1"]
    assert walked.position.became["first"].outcome == outcome


@pytest.mark.parametrize("state", ["waiting", "ready", "doing", "in-force", "undoing"])
def test_a_step_is_not_over_while_an_action_of_it_is_not_settled(state: ActionState) -> None:
    playbook = made({"first": act(), "end": END})
    begun = begin(playbook, FACTS)
    assert _step(playbook, begun, StepResult(key="first#1", states=("verified", state))).position == begun
    late = _step(playbook, begun, StepResult(key="first#1", outcome="lapsed", states=("verified", state)))
    assert (late.position.over, late.position.became["first"].outcome) == (True, "lapsed")


def test_a_question_goes_where_it_is_answered_and_by_default_where_least_changes() -> None:
    playbook = made({"first": _QUESTION, "isolate": _ISOLATE, "isolated": END, "end": END})
    begun = begin(playbook, FACTS)
    assert [(one.key, one.seconds) for one in _step(playbook, begun).due] == [("first#1", 600)]
    assert _due(_step(playbook, begun, StepResult(key="first#1", answer="yes"))) == ["isolate#1"]
    silent = _step(playbook, begun, StepResult(key="first#1", outcome="lapsed")).position
    assert (silent.over, silent.became["first"].answer, silent.became["first"].outcome) == (True, "no", "lapsed")
    with pytest.raises(ValueError, match="'perhaps' is no answer to that question; there are yes, no"):
        _step(playbook, begun, StepResult(key="first#1", answer="perhaps"))


def test_a_wait_ends_when_what_it_waits_for_holds_and_says_so_when_it_never_did() -> None:
    until = {"step": "block", "became": ["verified"]}
    steps = {
        "first": {"kind": "parallel", "branches": ["block", "wait"], "next": "end"}, "block": act(next="done"), "done": END, "end": END,
        "wait": {"kind": "wait", "seconds": 60, "until": until, "next": "good", "on_lapsed": "bad"},
        "good": {"kind": "tell", "say": "it works", "next": "done"}, "bad": {"kind": "tell", "say": "it does not", "next": "done"},
    }  # fmt: skip
    playbook = made(steps)
    begun = begin(playbook, FACTS)
    assert _due(_step(playbook, begun, StepResult(key="block#1", states=("verified",)))) == ["good#1"]
    assert _due(_step(playbook, begun, StepResult(key="wait#1", outcome="lapsed"))) == ["block#1", "bad#1"]


def test_parallel_ways_are_gone_at_the_same_time_and_joined_once() -> None:
    tell = {"kind": "tell", "say": "x", "next": "done"}
    steps = {"first": {"kind": "parallel", "branches": ["a", "b"], "next": "after"}, "a": tell, "b": tell, "done": END}
    playbook = made({**steps, "after": {"kind": "assign", "to": "owner", "next": "end"}, "end": END})
    begun = begin(playbook, FACTS)
    assert _due(_step(playbook, begun)) == ["a#1", "b#1"]
    half = _step(playbook, begun, StepResult(key="b#1"))
    assert _due(half) == ["a#1"]
    assert _due(_step(playbook, half.position, StepResult(key="a#1"))) == ["after#1"]


def test_a_way_is_repeated_while_something_holds_and_never_more_often_than_it_may() -> None:
    again = {"none": [{"step": "try", "became": ["verified"]}]}
    steps = {"first": {"kind": "repeat", "when": again, "body": "try", "most": 3, "next": "end"}, "try": act(next="round"), "round": END}
    playbook = made({**steps, "end": END})
    position, rounds = begin(playbook, FACTS), 0
    while not position.over:
        rounds += 1
        position = _step(playbook, position, StepResult(key=f"try#{rounds}", states=("ineffective",))).position
    assert rounds == 3
    once = _step(playbook, begin(playbook, FACTS), StepResult(key="try#1", states=("verified",))).position
    assert once.over


def test_a_result_given_again_or_of_no_open_step_changes_nothing() -> None:
    playbook = made({"first": {"kind": "assign", "to": "owner", "next": "second"}, "second": act(), "end": END})
    once = _step(playbook, begin(playbook, FACTS), StepResult(key="first#1")).position
    assert _step(playbook, once, StepResult(key="first#1"), StepResult(key="second#7", states=("verified",))).position == once


def test_a_position_goes_on_with_the_version_that_it_began_with() -> None:
    begun = begin(made({"first": act(), "end": END}), FACTS)
    with pytest.raises(ValueError, match="is not of playbook 'test' version"):
        next_steps(made({"first": act(within_seconds=5), "end": END}), begun, FACTS)


_STATES: tuple[ActionState, ...] = ("waiting", "verified", "denied", "ineffective", "in-force", "expired")
_OUTCOMES: tuple[Literal["done", "lapsed", "failed"], ...] = ("done", "done", "lapsed", "failed")


@given(playbook=playbooks(), data=st.data())
def test_every_playbook_ends_the_same_way_each_time_whatever_becomes_of_its_steps(playbook: Playbook, data: st.DataObject) -> None:
    walked, results = next_steps(playbook, begin(playbook, FACTS), FACTS), list[StepResult]()
    while not walked.position.over:
        assert len(results) < 5_000
        results.append(_drawn(data, data.draw(st.sampled_from(walked.due))))
        walked = next_steps(playbook, Position.model_validate_json(walked.position.model_dump_json()), FACTS, results[-1:])
    assert next_steps(playbook, begin(playbook, FACTS), FACTS, results) == walked


def _drawn(data: st.DataObject, due: Due) -> StepResult:
    outcome = data.draw(st.sampled_from(_OUTCOMES))
    answer = data.draw(st.sampled_from(["yes", "no"])) if due.step.kind == "ask" else ""
    states = data.draw(st.lists(st.sampled_from(_STATES), max_size=3)) if due.step.kind == "act" else []
    return StepResult(key=due.key, outcome=outcome, answer=answer, states=tuple(states))
