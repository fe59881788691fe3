"""The outfit: people are told of actions by the routes as they are, each once, and who is to decide gets a link of their own that holds."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from watchkeeper.access.links import read
from watchkeeper.autopilot.action_desk import ActionDesk
from watchkeeper.autopilot.approval_links import KEY
from watchkeeper.autopilot.durable.outfit import Outfit
from watchkeeper.autopilot.edits import Who
from watchkeeper.autopilot.live.around import Surroundings
from watchkeeper.model.action_seen import ActionAsked
from watchkeeper.model.entity import Entity
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
