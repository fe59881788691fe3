"""What people are told of actions: what they decide about, in their language, with a link that only its person gets."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from watchkeeper.autopilot.action_telling import TOLD, Acted, action_messages
from watchkeeper.model.asset import Asset
from watchkeeper.model.autonomy import Ruling
from watchkeeper.model.entity import Entity
from watchkeeper.model.message import Message
from watchkeeper.model.note import Note
from watchkeeper.model.proposal import ActionRecord, ActionState, Proposal, Seen
from watchkeeper.notify.routes import Routes

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
TO = {"channel": "slack", "url": "env:WK_TEST_URL"}
NASTY = "203.0.113.9\x1b[31m<script>\u202e"


def _record(state: ActionState, *values: str) -> ActionRecord:
    proposal = Proposal(
        tenant="acme", incident="", action="block_address", targets=tuple(Entity(kind="address", value=one) for one in values),
        evidence=("e1", "e2"), kinds=("windows/Sysmon",), confidence=0.9, blast_radius=2, undoable=True, expiry_seconds=3600,
        asked_by="playbook:intrusion",
    )  # fmt: skip
    ruling = Ruling(outcome="ask", level="L2", approvals=2, why=(Note(code="told.unjudged"),))
    seen = Seen(where="target", outcome="in-force", time=NOON, said="the set holds it")
    return ActionRecord(
        proposal=proposal, state=state, ruling=ruling, made=NOON, changed=NOON, deadline=NOON + timedelta(hours=1),
        expires=NOON + timedelta(hours=2), checks=(seen,), said="the answer",
    )  # fmt: skip


def _told(record: ActionRecord, **route: Any) -> list[Message]:
    routes = Routes.model_validate({"base_url": "https://console.example/", "routes": [{"name": "duty", "to": TO, **route}]})
    found = action_messages(Acted(record, None), routes, lambda name: Asset(name=name), lambda one, who: f"link {who} {one.id}", NOON)
    return [one.message for one in found]


def test_who_decides_is_told_what_and_until_when_with_their_own_link() -> None:
    record = _record("waiting", "203.0.113.9")
    [message] = _told(record, approver="ann")
    assert message.subject == "Please decide: Block an address: 203.0.113.9"
    assert message.link == f"link ann {record.id}"
    said = "\n".join(line for section in message.sections for line in section.lines)
    assert "people who have to agree: 2; without an answer until 2026-03-04 13:00:00" in said
    assert "it can be taken back" in said
    assert "asked for by playbook:intrusion, on 2 events" in said


def test_a_route_that_is_nobodys_own_has_no_link_that_decides() -> None:
    record = _record("waiting", "203.0.113.9")
    [message] = _told(record)
    assert message.link == f"https://console.example/actions/{record.id}?tenant=acme"


def test_what_was_done_has_no_link_that_decides() -> None:
    [message] = _told(_record("in-force", "203.0.113.9"), approver="ann")
    assert message.link.startswith("https://console.example/actions/")
    assert message.reasons == ("acted",)


def test_done_and_verified_are_told_once_and_every_other_state_apart() -> None:
    keys = {state: _told(_record(state, "203.0.113.9"))[0].key for state in TOLD}
    assert keys["in-force"] == keys["verified"]
    assert len(set(keys.values())) == len(set(TOLD.values()))


@pytest.mark.parametrize("state", ["refused", "denied", "ready", "doing", "undoing"])
def test_of_other_states_nobody_is_told(state: ActionState) -> None:
    assert _told(_record(state, "203.0.113.9")) == []


def test_many_targets_are_named_by_the_first_and_a_number() -> None:
    [message] = _told(_record("in-force", *(f"203.0.113.{number}" for number in range(200))))
    assert message.subject.endswith("203.0.113.4 +195")


def test_a_target_from_a_log_cannot_dress_up() -> None:
    [message] = _told(_record("in-force", NASTY))
    assert not {"\x1b", "\u202e"} & set(message.model_dump_json() + message.subject)


def test_the_short_form_names_no_target_and_no_reason() -> None:
    [message] = _told(_record("failed", "203.0.113.9"), details="short", language="zh")
    assert "203.0.113.9" not in message.model_dump_json()
    assert "the answer" not in message.model_dump_json()
    assert message.subject.startswith("无法执行：")
