"""Exporting: every shipped playbook is a valid CACAO 2.0 document, the same each time, and says OpenC2 with variables alone."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from tests.autopilot.playbooks.drawn import playbooks as drawn

from watchkeeper.autopilot.cacao import exported, faults_of
from watchkeeper.autopilot.cacao.validity import decoded
from watchkeeper.autopilot.playbooks.reading import playbooks
from watchkeeper.model.playbook import Act, Playbook

NOW = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize("playbook", playbooks(), ids=lambda one: one.name)
def test_a_shipped_playbook_is_valid_cacao(playbook: Playbook) -> None:
    document = exported(playbook, "en", NOW)
    assert faults_of(document) == ()
    assert json.dumps(document) == json.dumps(exported(playbook, "en", NOW))
    named = {
        step["step_extensions"][next(iter(step["step_extensions"]))]["name"]
        for step in document["workflow"].values()
        if "step_extensions" in step
    }
    assert named == set(playbook.steps)


@given(playbook=drawn())
def test_every_sound_playbook_is_valid_cacao(playbook: Playbook) -> None:
    assert faults_of(exported(playbook, "en", NOW)) == ()


def test_actions_are_openc2_by_name_and_kind_with_a_variable_for_what_they_act_on() -> None:
    playbook = next(one for one in playbooks() if one.name == "intrusion")
    workflow = exported(playbook, "en", NOW)["workflow"]
    told = {
        command["description"]: json.loads(decoded(command["content_b64"]) or "")
        for step in workflow.values()
        for command in step.get("commands", ())
        if command["type"] == "openc2-http"
    }
    asked = {wanted.action for step in playbook.steps.values() if isinstance(step, Act) for wanted in step.actions}
    assert told.keys() == asked
    assert told["block_address"] == {"action": "deny", "target": {"ipv4_net": "__targets__:value"}, "args": {"duration": 86_400_000}}


def test_people_read_the_question_in_their_language_with_the_choices_and_the_default() -> None:
    playbook = next(one for one in playbooks() if one.name == "intrusion")
    step = next(one for one in exported(playbook, "zh", NOW)["workflow"].values() if one["name"] == "ask-controllers")
    text = decoded(step["commands"][0]["command_b64"]) or ""
    assert "域控制器" in text
    assert "__hosts__:value" in text
    assert "leave if nobody answers" in text
