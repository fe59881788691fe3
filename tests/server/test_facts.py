"""Facts are gathered from a real state folder: a journal, a lake and a database with something in them."""

import os
import socket
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from watchkeeper.content import folder
from watchkeeper.journal import Partition, key_of, partition_of
from watchkeeper.lake import EventTable
from watchkeeper.model.sender import Sender
from watchkeeper.model.stored import STORED_SCHEMA
from watchkeeper.server.facts import Facts, gathered, port_holder
from watchkeeper.server.vitals import Pulse, read_vitals
from watchkeeper.store import open_store

NOW = datetime.now(UTC)


def _gathered(state: Path) -> Facts:
    with closing(open_store(state)) as store:
        return gathered(state, store, (folder("rules"),), NOW)


def _stored(rows: int) -> pa.Table:
    kept = {
        "_tenant": "default", "_day": NOW.date(), "_id": "0" * 32, "_time": NOW, "_host": "ws1", "_source": "edge", "_row": 0, "_raw": "{}",
        "_received": NOW, "_product": "windows", "_service": "Security", "_event_type": "4688",
    }  # fmt: skip
    return pa.Table.from_pylist([{**kept, "_id": f"{number:032x}"} for number in range(rows)], STORED_SCHEMA)


def test_an_empty_folder_has_nothing_in_it(tmp_path: Path) -> None:
    facts = _gathered(tmp_path)
    assert (facts.vitals, facts.is_any_stored, facts.waiting_bytes, facts.grown_bytes, facts.senders) == ((), False, 0, 0, ())
    assert (facts.shown, facts.hidden, facts.routes.routes, facts.routes_wrong) == (0, 0, (), "")
    assert facts.arriving() is None
    assert not (tmp_path / "lake").exists(), "looking makes nothing"


def test_what_is_stored_waits_and_is_let_in_is_seen(tmp_path: Path) -> None:
    EventTable(tmp_path / "lake" / "events").append(_stored(10), "events-0", 1)
    journal = tmp_path / "journal"
    journal.mkdir()
    folder = partition_of(journal, 0)
    partition = Partition(folder, key_of(journal))
    partition.append([(b"head", b"x" * 1_000)])
    partition.close()
    with closing(open_store(tmp_path)) as store:
        store.of("acme").keep_sender(Sender(id="a" * 32, tenant="acme", name="edge"))
        store.of("acme").keep_title("Acme")
    facts = _gathered(tmp_path)
    assert facts.is_any_stored
    assert facts.grown_bytes > 0
    found = facts.arriving()
    assert found is not None
    assert (found.events, found.kinds, found.ahead_seconds) == (10, 1, {"edge": 0.0})
    assert facts.waiting_bytes >= 1_000
    assert [sender.name for sender in facts.senders] == ["edge"]


def test_who_was_heard_is_known_over_all_processes(tmp_path: Path) -> None:
    for name in ("worker-0", "worker-1"):
        pulse = Pulse(tmp_path, name)
        pulse.heard("a" * 32, 3)
        pulse.write()
    assert abs(_gathered(tmp_path).heard["a" * 32] - datetime.now(UTC)) < timedelta(minutes=5)


def test_routes_without_their_secrets_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "notify.yml").write_text("routes: [{name: duty, to: {channel: feishu, url: env:WK_A, secret: env:WK_B}}]")
    monkeypatch.setenv("WK_A", "https://open.example/hook")
    [missing] = _gathered(tmp_path).secrets_missing
    assert missing.startswith("duty: the environment has no 'WK_B'")
    (tmp_path / "notify.yml").write_text("routes: {")
    assert "no YAML" in _gathered(tmp_path).routes_wrong


def test_a_port_is_free_ours_or_anothers(tmp_path: Path) -> None:
    pulse = Pulse(tmp_path, "web")
    pulse.write()
    ours = read_vitals(tmp_path).vitals
    assert ours[0].pid == os.getpid()
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        assert port_holder(port, ours) == "web"
        assert port_holder(port, ()) == "other"
    assert port_holder(port, ours) == "free"
