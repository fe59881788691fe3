"""The outfit: people are told of actions by the routes as they are, each once, and who is to decide gets a link of their own that holds."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest
from tests.autopilot.durable.conftest import incident

from watchkeeper.access.links import read
from watchkeeper.autopilot.action_desk import ActionDesk
from watchkeeper.autopilot.approval_links import KEY
from watchkeeper.autopilot.durable.outfit import Outfit
from watchkeeper.autopilot.edits import Who
from watchkeeper.autopilot.live.around import Surroundings
from watchkeeper.model.action_seen import ActionAsked
from watchkeeper.model.entity import Entity
from watchkeeper.model.live import LiveIncident
from watchkeeper.model.message import Message
from watchkeeper.model.playbook import Ask, Assign, Escalate, Tell
from watchkeeper.settings.secret_key import secret_key
from watchkeeper.store import Store, open_store
from watchkeeper.store.people import open_people

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
PLACES = "places: [{name: block, by: list, actions: [add_indicator], token: 'env:WK_TEST_LIST'}]"
ROUTES = """
base_url: https://console.example/
routes:
- {name: duty, to: {channel: slack, url: 'env:WK_TEST_URL'}}
- {name: bob, approver: bob, language: zh, to: {channel: slack, url: 'env:WK_TEST_URL'}}
"""


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("WK_TEST_LIST", "a token of sixteen and more")
    (tmp_path / "response.yml").write_text(PLACES, "utf-8")
    (tmp_path / "notify.yml").write_text(ROUTES, "utf-8")
    with closing(open_store(tmp_path)) as opened:
        yield opened


def test_who_decides_is_told_once_with_a_link_that_holds(store: Store, tmp_path: Path) -> None:
    outfit = Outfit(store, tmp_path, cast("Surroundings", None), clock=lambda: NOW)
    desk = ActionDesk(store, open_people(store.database, tmp_path).audit, lambda: outfit.about_of("default"))
    target = Entity(kind="address", value="203.0.113.7")
    record = desk.propose(ActionAsked(action="add_indicator", targets=(target,), blast_radius=1), Who("ann", "", NOW))
    assert record.state == "waiting"
    for _ in range(2):
        outfit.acted("default", (record.id,))
    told = {one.outgoing.route: one.outgoing.message for one in store.messages("", 10)}
    assert len(store.messages("", 10)) == len(told) == 2
    assert told["duty"].link == f"https://console.example/actions/{record.id}?tenant=default"
    address, _, secret = told["bob"].link.rpartition("/")
    assert address == "https://console.example/approve"
    link = read(secret, secret_key(tmp_path / KEY), NOW)
    assert (link.login, link.tenant, link.digest, link.until) == ("bob", "default", record.proposal.digest, record.deadline)
    assert secret not in told["duty"].model_dump_json()
    desk.answer(record.id, Who("bob", "", NOW), "link", agrees=True)
    outfit.acted("default", (record.id,))
    assert {one.outgoing.message.reasons for one in store.messages("", 10)} == {("approval",), ("acted",)}


ROW = LiveIncident(incident=incident(title="a title"), status="open", revision=1, opened=NOW, updated=NOW)


def _told(store: Store, route: str) -> list[Message]:
    return [one.outgoing.message for one in store.messages("", 20) if one.outgoing.route == route]


@pytest.mark.parametrize(
    ("step", "subject", "lines", "remarks"),
    [
        (
            {"kind": "tell", "say": {"en": "Look at it.", "zh": "请查看。"}, "route": "bob"},
            "请关注：a title",
            ("请查看。",),
            [("comment", "Look at it. · 请查看。")],
        ),
        ({"kind": "assign", "to": "role:analyst"}, "已移交：a title", ("已移交给 role:analyst。",), [("assigned", "role:analyst")]),
        (
            {"kind": "escalate", "to": "person:ann", "say": {"en": "The block does not work.", "zh": "封禁无效。"}},
            "已移交：a title",
            ("已移交给 person:ann。", "封禁无效。"),
            [("comment", "The block does not work. · 封禁无效。"), ("assigned", "person:ann")],
        ),
    ],
)
def test_what_a_playbook_says_goes_out_by_the_routes_once_and_stands_with_the_incident(
    step: dict[str, object], subject: str, lines: tuple[str, ...], remarks: list[tuple[str, str]], store: Store, tmp_path: Path
) -> None:
    outfit = Outfit(store, tmp_path, cast("Surroundings", None), clock=lambda: NOW)
    kind = {"tell": Tell, "assign": Assign, "escalate": Escalate}[str(step["kind"])]
    asked = kind.model_validate({**step, "next": "then"})
    for round_ in ("1/step", "1/step", "2/step"):
        assert not outfit.told("default", ROW, asked, round_)
    [message] = _told(store, "bob")
    assert (message.subject, message.sections[1].lines) == (subject, lines)
    assert len(_told(store, "duty")) == (0 if step.get("route") else 1)
    assert list(dict.fromkeys((one.kind, one.text) for one in store.remarks_on(ROW.incident.id))) == remarks


ASK = Ask.model_validate(
    {
        "kind": "ask", "to": "role:responder", "question": "Is it yours?", "default": "no", "within_seconds": 3600, "next": "then",
        "choices": [{"name": "yes", "said": "It is ours."}, {"name": "no", "said": "Nobody knows it."}],
    }
)  # fmt: skip


def test_who_is_asked_hears_of_the_question_its_answers_and_what_silence_means(store: Store, tmp_path: Path) -> None:
    outfit = Outfit(store, tmp_path, cast("Surroundings", None), clock=lambda: NOW)
    (id_, silent), again = outfit.asked("default", ROW, ASK, "1/ask"), outfit.asked("default", ROW, ASK, "1/ask")
    assert ((id_, silent), silent) == (again, "")
    [message] = _told(store, "duty")
    assert message.reasons == ("question",)
    assert message.sections[1].lines == (
        "Is it yours?", "Answer yes: It is ours.", "Answer no: Nobody knows it.",
        "Until 2026-11-26 13:00:00; if nobody answers: Nobody knows it.", f"It is for role:responder; question {id_[:12]}",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("routes", "step", "why"),
    [
        (ROUTES, {"kind": "tell", "say": "Look.", "route": "nowhere", "next": "then"}, "there is no route 'nowhere'"),
        ("routes: [", {"kind": "tell", "say": "Look.", "next": "then"}, "notify.yml"),
    ],
)
def test_a_mistake_in_the_routes_is_said_and_what_was_to_be_told_stands_with_the_incident(
    routes: str, step: dict[str, str], why: str, store: Store, tmp_path: Path
) -> None:
    (tmp_path / "notify.yml").write_text(routes, "utf-8")
    outfit = Outfit(store, tmp_path, cast("Surroundings", None), clock=lambda: NOW)
    assert why in outfit.told("default", ROW, Tell.model_validate(step), "1/step")
    assert len(store.remarks_on(ROW.incident.id)) == 1
