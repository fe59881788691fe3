"""Importing: what we exported comes back as it was, what others wrote becomes work for people, and what is hostile is refused."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.autopilot.playbooks.conftest import FACTS
from tests.autopilot.playbooks.drawn import playbooks as drawn

from watchkeeper.autopilot.cacao import exported, imported
from watchkeeper.autopilot.cacao.naming import EXTENSION, id_of
from watchkeeper.autopilot.playbooks.choosing import chosen
from watchkeeper.autopilot.playbooks.reading import playbooks
from watchkeeper.autopilot.playbooks.walking import begin, next_steps
from watchkeeper.model.playbook import Act, Ask, Playbook

NOW = datetime(2026, 12, 1, tzinfo=UTC)


def _bytes(document: object) -> bytes:
    return json.dumps(document).encode()


@pytest.mark.parametrize("playbook", playbooks(), ids=lambda one: one.name)
def test_a_shipped_playbook_comes_back_as_it_was(playbook: Playbook) -> None:
    found = imported(_bytes(exported(playbook, "zh", NOW)), "other")
    assert found.playbook == playbook
    assert found.by_hand == ()


@given(playbook=drawn())
def test_every_sound_playbook_comes_back_as_it_was(playbook: Playbook) -> None:
    assert imported(_bytes(exported(playbook, "en", NOW)), "other").playbook == playbook


def test_what_somebody_changed_in_the_document_s_own_words_is_what_counts() -> None:
    document = exported(next(one for one in playbooks() if one.name == "attempt"), "en", NOW)
    steps = {step["name"]: (id_, step) for id_, step in document["workflow"].items()}
    del document["workflow"][steps["tell"][0]]
    steps["repeated"][1]["on_completion"] = steps["end"][0]
    assert imported(_bytes(document), "other").playbook.steps["repeated"].model_dump()["next"] == "end"


def _foreign(**steps: dict[str, Any]) -> dict[str, Any]:
    """Give a document of somebody else; steps are named by what comes before `_` and their own names."""
    ids = {name: id_of(name.partition("_")[0].replace("9", "-"), name) for name in steps}
    agent = id_of("group", "them")
    workflow: dict[str, Any] = {}
    for name, step in steps.items():
        told = {key: ids.get(value, value) if isinstance(value, str) else value for key, value in step.items()}
        told |= {key: [ids[one] for one in step[key]] for key in ("next_steps",) if key in step}
        told |= {key: {case: ids[one] for case, one in step[key].items()} for key in ("cases",) if key in step}
        workflow[ids[name]] = {"type": ids[name].partition("--")[0], "name": name, **told}
        if workflow[ids[name]]["type"] == "action":
            workflow[ids[name]]["agent"] = agent
    return {
        "type": "playbook", "spec_version": "cacao-2.0", "id": id_of("playbook", "theirs"), "name": "Theirs",
        "created_by": id_of("identity", "them"), "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z",
        "workflow_start": ids["start"], "workflow": workflow, "agent_definitions": {agent: {"type": "group", "name": "them"}},
    }  # fmt: skip


_BASH = {"commands": [{"type": "bash", "command": "rm -rf / # \x1b[31m"}]}
_PLAIN = {"start": {"on_completion": "action_a"}, "action_a": {**_BASH, "on_completion": "end"}, "end": {}}


def test_a_command_of_others_is_never_run_it_is_asked_of_people() -> None:
    found = imported(_bytes(_foreign(**_PLAIN)), "theirs")
    step = found.playbook.steps[found.playbook.start]
    assert isinstance(step, Ask)
    assert "rm -rf" in step.question.model_dump_json()
    assert "\x1b" not in step.question.model_dump_json().encode().decode("unicode_escape")
    assert step.default == "not-done"
    assert not any(isinstance(one, Act) for one in found.playbook.steps.values())
    assert "is asked of people: Do by hand" in found.by_hand[0]
    assert chosen([found.playbook], FACTS) is None


def test_their_ways_are_ours_and_their_conditions_are_asked_of_people() -> None:
    document = _foreign(
        start={"on_completion": "if9condition_x"},
        if9condition_x={"condition": "__a__:value = '1'", "on_true": "action_a", "on_completion": "parallel_p"},
        action_a={**_BASH, "on_completion": "end_a"},
        end_a={},
        parallel_p={"next_steps": ["action_b", "action_c"], "on_completion": "while9condition_w"},
        action_b={**_BASH, "on_completion": "end_b"},
        end_b={},
        action_c={**_BASH, "on_success": "end_c", "on_failure": "action_d"},
        action_d={**_BASH, "on_completion": "end_d"},
        end_c={},
        end_d={},
        while9condition_w={"condition": "__b__:value = '1'", "on_true": "action_e", "on_completion": "switch9condition_s"},
        action_e={**_BASH, "on_completion": "end_e"},
        end_e={},
        switch9condition_s={"switch": "__c__:value", "cases": {"One": "action_f", "two": "end_g"}, "on_completion": "end"},
        action_f={**_BASH, "on_completion": "end_f"},
        end_f={},
        end_g={},
        end={},
    )
    found = imported(_bytes(document), "theirs")
    walked = next_steps(found.playbook, begin(found.playbook, FACTS), FACTS)
    assert [type(one.step) for one in walked.due] == [Ask]
    assert len(found.by_hand) == 10
    kinds = [step.kind for step in found.playbook.steps.values()]
    assert (kinds.count("parallel"), kinds.count("repeat"), kinds.count("ask")) == (1, 1, 9)


def _but(**changed: object) -> bytes:
    return _bytes(_foreign(**_PLAIN) | changed)


_LOOP: dict[str, dict[str, Any]] = {
    "start": {"on_completion": "action_a"},
    "action_a": {**_BASH, "on_completion": "action_b"},
    "action_b": {**_BASH, "on_completion": "action_a"},
    "end": {},
}
_LYING = {"step_extensions": {EXTENSION: {"name": "a", "step": {"kind": "end"}}}}
_EXTENDED = {"extension_definitions": {EXTENSION: {"name": "x", "created_by": id_of("identity", "x"), "schema": "x", "version": "1"}}}
_SHELL = {"step_extensions": {EXTENSION: {"name": "a", "step": {"kind": "act", "actions": [{"action": "run_shell"}]}}}}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "is no JSON"),
        (b"[" * 100_000, "is no JSON"),
        (b"[]", "is no JSON object"),
        (b'{"a":' * 50 + b"1" + b"}" * 50, "goes deeper than"),
        (b" " * ((1 << 20) + 1), "at most 1 MiB"),
        (_but(spec_version="1.0"), "`spec_version` 'cacao-2.0'"),
        (_but(id="playbook--1"), "'id' is no identifier"),
        (_but(created="yesterday"), "'created' is no time"),
        (_but(workflow={}), "needs a start, an action and an end"),
        (_but(agent_definitions={}), "has an 'agent' that is not defined"),
        (_but(priority=101), "'priority' must be a whole number"),
        (_bytes(_foreign(**_LOOP)), "go round without a bound"),
        (_bytes(_foreign(**{**_PLAIN, "action_a": {**_BASH, **_LYING, "on_completion": "end"}}) | _EXTENDED), "says that it is 'end'"),
        (_bytes(_foreign(**{**_PLAIN, "action_a": {**_BASH, **_SHELL, "on_completion": "end"}}) | _EXTENDED), "not in the catalogue"),
    ],
)  # fmt: skip
def test_what_is_not_valid_or_not_sound_is_refused_by_name(body: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=r".") as error:
        imported(body, "theirs")
    assert said in str(error.value)


_DOCUMENT = _bytes(exported(playbooks()[0], "en", NOW))


@given(st.integers(0, len(_DOCUMENT) - 1), st.binary(min_size=1, max_size=4))
def test_a_damaged_document_is_refused_or_read_and_nothing_else(place: int, bytes_: bytes) -> None:
    damaged = _DOCUMENT[:place] + bytes_ + _DOCUMENT[place + len(bytes_) :]
    try:
        imported(damaged, "theirs")
    except ValueError:
        return


_TEXT = st.text(max_size=8)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | _TEXT,
    lambda part: st.lists(part, max_size=3) | st.dictionaries(_TEXT, part, max_size=3),
    max_leaves=8,
)


@given(st.data())
def test_a_document_with_anything_anywhere_is_refused_or_read_and_nothing_else(data: st.DataObject) -> None:
    document: Any = json.loads(_DOCUMENT)
    one: Any = document
    for _ in range(data.draw(st.integers(1, 6))):
        if not isinstance(one, dict | list) or not one:
            break
        key: Any = data.draw(st.sampled_from(sorted(one) if isinstance(one, dict) else range(len(one))))
        if data.draw(st.booleans()):
            one[key] = data.draw(_JSON)
            break
        one = one[key]
    try:
        imported(_bytes(document), "theirs")
    except ValueError:
        return
