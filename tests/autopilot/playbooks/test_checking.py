"""Checking: every fault of a graph is named, and sound ones have none."""

from typing import Any

import pytest
from hypothesis import given
from tests.autopilot.playbooks.conftest import END, act, made
from tests.autopilot.playbooks.drawn import playbooks

from watchkeeper.autopilot.playbooks.checking import faults
from watchkeeper.autopilot.playbooks.reading import ACTIONS
from watchkeeper.model.playbook import Playbook

_TELL = {"kind": "tell", "say": "x", "next": "end"}
_YES = {"name": "yes", "said": "yes"}
_ASK = {"kind": "ask", "to": "owner", "question": "?", "choices": [_YES, _YES], "default": "no", "within_seconds": 5, "next": "end"}
_DECIDE = {"kind": "decide", "when": {"step": "lost"}, "next": "end"}


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ({"first": act(next="lost")}, "step 'first' leads to 'lost', which is no step"),
        ({"other": END}, "`start` is 'first', which is no step"),
        ({"first": act(), "end": END, "lost": END}, "step 'lost' is never reached"),
        ({"first": act(next="second"), "second": act(next="first")}, "go round without a bound: first -> second -> first"),
        ({"first": act(next="first")}, "go round without a bound: first -> first"),
        ({"first": act(actions=[{"action": "format_disk"}]), "end": END}, "'format_disk', which is not in the catalogue"),
        ({"first": _ASK, "end": END}, "two choices of one name; step 'first': its default 'no' is none of its choices"),
        ({"first": _DECIDE, "end": END}, "step 'first' asks about 'lost', which is no step"),
        (
            {"first": {"kind": "parallel", "branches": ["a", "b"], "next": "end"}, "a": _TELL, "b": {**_TELL, "next": "a"}, "end": END},
            "step 'a' is reached from within",
        ),
        (
            {"first": {"kind": "repeat", "when": {"every": []}, "body": "first", "most": 2, "next": "end"}, "end": END},
            "go round without a bound",
        ),
        ({"first": {**_TELL, "kind": "shell"}, "end": END}, "steps.first"),
        ({"first": {**_TELL, "run": "rm"}, "end": END}, "steps.first.tell.run: Extra inputs are not permitted"),
        ({"first": {**_TELL, "to": "x" * 99}, "end": END}, "steps.first"),
        ({}, "steps: Dictionary should have at least 1 item"),
    ],
)
def test_a_fault_is_named(steps: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match="the test's playbook: ") as error:
        made(steps)
    assert said in str(error.value)


def test_conditions_are_not_nested_without_a_bound() -> None:
    deep: dict[str, Any] = {"fact": "off_hours"}
    for _ in range(9):
        deep = {"none": [deep]}
    with pytest.raises(ValueError, match="conditions more than 8 deep"):
        made({"first": {**_DECIDE, "when": deep}, "end": END})
    with pytest.raises(ValueError, match="`for` asks of the incident alone"):
        made({"first": END}, wanted={"step": "first"})


@given(playbook=playbooks())
def test_a_sound_playbook_has_no_faults(playbook: Playbook) -> None:
    assert faults(playbook, ACTIONS) == ()
