"""The messenger: routes are read anew when they change, what it does is counted, and what cannot be read changes nothing."""

import os
from collections.abc import Callable, Generator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from watchkeeper.model.asset import Asset
from watchkeeper.model.incident import Case
from watchkeeper.model.live import LiveIncident
from watchkeeper.server.messenger import Messenger
from watchkeeper.server.vitals import Pulse, total
from watchkeeper.store import Store, open_store

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
WHOLE = Path(__file__).parents[1] / "cases" / "reporting" / "whole" / "case.json"


@pytest.fixture
def store(tmp_path: Path) -> Generator[Store]:
    with closing(open_store(tmp_path)) as opened:
        yield opened


@pytest.fixture
def incident() -> LiveIncident:
    found = Case.model_validate_json(WHOLE.read_text("utf-8")).incidents[0].model_copy(update={"shown": True, "level": "high"})
    return LiveIncident(incident=found, status="open", revision=1, opened=NOON, updated=NOON)


def _write(state: Path, text: str, age: int) -> None:
    (state / "notify.yml").write_text(text)
    os.utime(state / "notify.yml", (age, age))


def test_what_it_does_is_counted_and_told_apart_by_tenant(
    store: Store, incident: LiveIncident, tmp_path: Path, serve: Callable[[], Any]
) -> None:
    server, pulse = serve(), Pulse(tmp_path, "keeper")
    server.answers["/hook"] = (200, {}, b"")
    clock = iter(NOON + timedelta(minutes=minute) for minute in range(200))
    messenger = Messenger(tmp_path, store, pulse, lambda: next(clock))
    messenger.tell("acme", lambda name: Asset(name=name), None, incident)
    assert store.of("acme").messages() == (), "without routes nobody is told"
    _write(tmp_path, "routes: [{name: duty, to: {channel: slack, url: env:DUTY}}]", 1)
    for _ in range(2):
        messenger.tell("acme", lambda name: Asset(name=name), None, incident)
    messenger.round({"env:DUTY": f"{server.url}/nowhere"}.__getitem__)
    for _ in range(3):
        messenger.round({"env:DUTY": f"{server.url}/hook"}.__getitem__)
    assert [one.state for one in store.of("acme").messages()] == ["given-up"], "an address that is not there is given up at once"
    said = (pulse.vitals(),)
    assert (total(said, "messages_failed"), total(said, "messages_given_up"), total(said, "messages_waiting")) == (1, 1, 0)
    assert total(said, "messages_sent") is None


def test_a_file_that_cannot_be_read_leaves_the_routes_before_in_force(store: Store, tmp_path: Path) -> None:
    messenger = Messenger(tmp_path, store, Pulse(tmp_path, "keeper"))
    _write(tmp_path, "routes: [{name: duty, to: {channel: slack, url: env:DUTY}}]", 1)
    assert [route.name for route in messenger.routes().routes] == ["duty"]
    _write(tmp_path, "routes: [", 2)
    assert [route.name for route in messenger.routes().routes] == ["duty"]
    _write(tmp_path, "routes: [{name: lead, to: {channel: slack, url: env:DUTY}}]", 3)
    assert [route.name for route in messenger.routes().routes] == ["lead"]
    (tmp_path / "notify.yml").unlink()
    assert messenger.routes().routes == ()


def test_old_messages_are_forgotten_by_and_by(store: Store, incident: LiveIncident, tmp_path: Path, serve: Callable[[], Any]) -> None:
    server = serve()
    server.answers["/hook"] = (200, {}, b"")
    _write(tmp_path, "routes: [{name: duty, to: {channel: slack, url: env:DUTY}}]", 1)
    now = [NOON]
    messenger = Messenger(tmp_path, store, Pulse(tmp_path, "keeper"), lambda: now[0])
    messenger.tell("default", lambda name: Asset(name=name), None, incident)
    messenger.round({"env:DUTY": f"{server.url}/hook"}.__getitem__)
    assert len(store.messages()) == 1
    now[0] += timedelta(days=100)
    messenger.round({"env:DUTY": f"{server.url}/hook"}.__getitem__)
    assert store.messages() == ()
