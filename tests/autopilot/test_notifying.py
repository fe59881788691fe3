"""The action `notify`: people are told once by their routes, and that it was decided is no sign that anybody got it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from watchkeeper.autopilot.notifying import PLACE, Notifying, means_with, notify_means
from watchkeeper.model.asset import Asset
from watchkeeper.model.entity import Entity
from watchkeeper.model.means import Job, Means
from watchkeeper.model.message import Message
from watchkeeper.model.proposal import Proposal
from watchkeeper.notify.routes import Routes
from watchkeeper.store import Store, open_store

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
TO = {"channel": "slack", "url": "env:WK_TEST_URL"}
QUIET = {"starts": "10:00", "ends": "14:00", "zone": "UTC", "unless": "critical"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    found = open_store(tmp_path)
    yield found
    found.close()


def _means(store: Store, *routes: dict[str, Any], now: datetime = NOON) -> Means:
    told = Routes.model_validate({"base_url": "https://console.example", "routes": [{"to": TO, **one} for one in routes]})
    return notify_means(Notifying(store, lambda: told, lambda name: Asset(name=name, owner="ann@example.org"), lambda: now))


def _job(**arguments: str) -> Job:
    return Job(
        key="a" * 32, tenant="default", incident="", action="notify", targets=(Entity(kind="host", value="ws1"),), arguments=arguments,
        expires=None,
    )  # fmt: skip


def _settled(store: Store, state: Any) -> None:
    store.settle(store.take_outgoing(NOON + timedelta(hours=3)), state, "no answer", NOON)


def _kept(store: Store) -> list[Message]:
    return [one.outgoing.message for one in store.messages()]


def test_people_are_told_once_and_it_is_in_force_when_they_were(store: Store) -> None:
    means = _means(store, {"name": "duty"}, {"name": "lead", "level": "critical"})
    assert means.check(_job()).outcome == "not-in-force"
    assert means.do(_job(title="Look at ws1\nnow", text="line 1\n\nline 2")).said == "people are told by duty"
    means.do(_job(title="Look at ws1\nnow", text="line 1\n\nline 2"))
    [message] = _kept(store)
    assert (message.subject, message.reasons) == ("You are asked to look: Look at ws1␊now", ("asked",))
    assert message.sections[1].lines == ("line 1", "line 2")
    assert message.link == f"https://console.example/actions/{'a' * 32}?tenant=default"
    seen = means.check(_job())
    assert (seen.outcome, seen.said) == ("unknown", "not taken yet: duty")
    seen = _means(store, {"name": "duty"}, now=NOON + timedelta(minutes=6)).check(_job())
    assert (seen.outcome, seen.said) == ("not-in-force", "not taken in time: duty")
    _settled(store, "sent")
    assert means.check(_job()).outcome == "in-force"
    assert means.undo is None


def test_what_a_route_gave_up_is_found_out(store: Store) -> None:
    means = _means(store, {"name": "duty"}, {"name": "other"})
    means.do(_job())
    _settled(store, "given-up")
    seen = means.check(_job())
    assert (seen.outcome, "given up: duty (no answer), other (no answer)" in seen.said) == ("not-in-force", True)


def test_what_quiet_hours_hold_is_not_known_yet(store: Store) -> None:
    means = _means(store, {"name": "duty", "quiet": QUIET})
    means.do(_job())
    assert means.check(_job()).outcome == "unknown"


def test_a_route_that_is_named_is_taken_whatever_else_it_asks_for(store: Store) -> None:
    means = _means(store, {"name": "duty"}, {"name": "lead", "level": "critical", "details": "short", "language": "zh"})
    means.do(_job(route="lead", title="secret host ws1", text="ws1"))
    [message] = _kept(store)
    assert (message.details, message.language) == ("short", "zh")
    assert "ws1" not in message.model_dump_json()
    with pytest.raises(ValueError, match="there is no route 'nothing' for tenant 'default'; there are duty, lead"):
        means.do(_job(route="duty, nothing"))
    assert len(_kept(store)) == 1


def test_another_tenants_route_is_none(store: Store) -> None:
    with pytest.raises(ValueError, match="there is no route 'theirs' for tenant 'default'"):
        _means(store, {"name": "theirs", "tenants": ["acme"]}).do(_job(route="theirs"))


def test_what_no_route_takes_is_said(store: Store) -> None:
    with pytest.raises(ValueError, match=r"no route in notify\.yml takes this now"):
        _means(store, {"name": "lead", "reasons": ["new"]}).do(_job())
    assert _kept(store) == []


def test_what_logs_say_makes_no_line_of_its_own(store: Store) -> None:
    _means(store, {"name": "duty"}).do(_job(title="a\x1b[31m\u202eb" + "x" * 500, text="\x00c\r\nBcc: all\n" * 99))
    [message] = _kept(store)
    lines = message.sections[1].lines
    assert len(lines) <= 50
    assert all("\x1b" not in one and "\u202e" not in one and "\x00" not in one and len(one) < 600 for one in (message.subject, *lines))


def test_notify_goes_by_the_routes_and_everything_else_where_it_is_configured(store: Store) -> None:
    about = Notifying(store, Routes, lambda name: Asset(name=name), lambda: NOON)
    asked = Proposal(
        tenant="default", incident="", action="notify", targets=(Entity(kind="host", value="ws1"),), evidence=(), kinds=(), confidence=0.0,
        blast_radius=0, undoable=False, expiry_seconds=None, asked_by="person:ann",
    )  # fmt: skip
    found = means_with(about, lambda _: None)(asked)
    assert found is not None
    assert (found.place, found.action) == (PLACE, "notify")
    assert means_with(about, lambda _: None)(asked.model_copy(update={"action": "block_address"})) is None
