"""State folders for commands about actions and reports: users who are known, a place at which something really happens, incidents."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest
from typer.testing import CliRunner

from watchkeeper.access.passwords import new_password
from watchkeeper.autopilot.people import COMMAND_LINE, add_user
from watchkeeper.cli import app
from watchkeeper.cli.opened import opened
from watchkeeper.model.audit import Happened
from watchkeeper.model.means import Job, Means
from watchkeeper.model.policy import LevelSet
from watchkeeper.model.principal import Role
from watchkeeper.model.proposal import ActionRecord, Approval, Done, Seen
from watchkeeper.response.connectors.place import Place
from watchkeeper.response.places import CONNECTORS
from watchkeeper.settings.references import Reveal

KNOWN: tuple[tuple[str, Role], ...] = (("ann", "responder"), ("bob", "responder"), ("vera", "viewer"), ("dora", "admin"))


class ListedPlace(Place):
    """A place that blocks what stands in its file, as many a firewall reads a list."""

    by: Literal["listed"]
    """What kind of place it is."""
    file: Path
    """The list."""

    def means(self, action: str, reveal: Reveal) -> Means:
        return Means(self.name, action, self._do, self._undo, self._check)

    def _held(self) -> set[str]:
        return set(self.file.read_text("utf-8").split("\n")) - {""}

    def _do(self, job: Job) -> Done:
        self._keep(self._held() | {one.value for one in job.targets})
        return Done(said="listed \x1b[1m", reference=job.key)

    def _undo(self, job: Job) -> Done:
        self._keep(self._held() - {one.value for one in job.targets})
        return Done(said="taken off")

    def _check(self, job: Job) -> Seen:
        held = {one.value for one in job.targets} <= self._held()
        return Seen(where="target", outcome="in-force" if held else "not-in-force", time=datetime.now(UTC), said="looked \x1b[1m")

    def _keep(self, held: set[str]) -> None:
        self.file.write_text("\n".join(sorted(held)), "utf-8")


@pytest.fixture(scope="session")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder in which four users are known; making them takes a while, because their passwords are hashed."""
    state = tmp_path_factory.mktemp("people") / "state"
    with opened(state) as (_, known):
        for login, role in KNOWN:
            add_user(known, login, new_password(), [("default", role)], COMMAND_LINE, datetime.now(UTC))
    return state


@pytest.fixture
def firewall(people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The list that a place blocks by; the place stands in the state folder."""
    state, listed = tmp_path / "state", tmp_path / "blocked"
    shutil.copytree(people, state)
    listed.touch()
    monkeypatch.setitem(CONNECTORS, "listed", ListedPlace)
    monkeypatch.setenv("WATCHKEEPER_STATE", str(state))
    monkeypatch.setenv("COLUMNS", "240")
    monkeypatch.setenv("LOGNAME", "ann")
    place = {"name": "edge", "by": "listed", "actions": ["block_address"], "file": str(listed)}
    (state / "response.yml").write_text(json.dumps({"places": [place]}), "utf-8")
    return listed


_RULE = """
title: Evil runs
id: 0b0a5f2e-7a53-4c3c-9a7e-3d3f8f0e6a55
status: test
logsource: {product: windows, category: process_creation}
detection:
  selection: {CommandLine|contains: evil}
  condition: selection
level: high
tags: [attack.execution, attack.t1059]
"""


def _event(host: str, time: str, number: int) -> str:
    event = {
        "EventID": 1, "Channel": "Microsoft-Windows-Sysmon/Operational", "Hostname": host, "UtcTime": f"2025-04-{time}:00.000",
        "Image": "C:\\e.exe", "CommandLine": f"e.exe evil {number}", "User": f"CORP\\u{number}", "ProcessGuid": f"{{{number}}}",
    }  # fmt: skip
    return json.dumps(event)


@dataclass(frozen=True)
class Acted:
    """A state folder in which two incidents were found, and four actions stand in the ledger."""

    state: Path
    ws1: str
    """Id of the incident of 1 April 2025, for which something was done."""
    ws2: str
    """Id of the incident of 5 April."""

    def says(self, *words: str, code: int = 0) -> str:
        """Give what a command prints, which must not hide anything."""
        result = CliRunner().invoke(app, [*words, "--state", str(self.state)])
        assert result.exit_code == code, result.output
        assert not set("\x1b\u202e\u200b") & set(result.output)
        return result.output


@pytest.fixture(scope="session")
def _found(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("found")
    (place / "logs").mkdir()
    lines = [_event("ws1", "01 10:00", 1), _event("ws1", "01 10:01", 1), _event("ws2", "05 10:00", 3)]
    (place / "logs" / "ws.json").write_text("\n".join(lines), "utf-8")
    (place / "rule.yml").write_text(_RULE, "utf-8")
    rules = ("--rules", str(place / "rule.yml"), "--no-own-rules")
    words = ("investigate", str(place / "logs"), *rules, "--out", str(place / "case"), "--state", str(place / "state"))
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == 0, result.output
    return place


@pytest.fixture
def acted(_found: Path, tmp_path: Path, recorded: Callable[..., ActionRecord], monkeypatch: pytest.MonkeyPatch) -> Acted:
    monkeypatch.setenv("COLUMNS", "240")
    state = tmp_path / "state"
    shutil.copytree(_found / "state", state)
    with opened(state) as (store, known):
        ids = {one.hosts[0]: one.id for one in store.incidents()}
        with store.ledger(known.audit).alone() as kept:
            for record in _records(ids, recorded):
                kept.put(record, Happened(time=_TEN, tenant="default", who="ann", what="action proposed"))
                if record.ruling.approvals and record.state == "verified":
                    said = {"by": "bob", "agrees": True, "way": "link", "time": _TEN, "why": "seen it <b>too</b>"}
                    word = Approval.model_validate({"proposal": record.id, "digest": record.proposal.digest, **said})
                    kept.put_approval(word, Happened(time=_TEN, tenant="default", who="bob", what="action approved"))
            lowered = LevelSet(action="block_address", group="*", level="L2", by="system", time=_TEN, why="taken back by a person")
            kept.put_level(lowered, Happened(time=_TEN, tenant="default", who="system", what="level demoted"))
    return Acted(state, ids["ws1"], ids["ws2"])


_TEN = datetime(2025, 4, 1, 10, 5, tzinfo=UTC)


def _records(ids: dict[str, str], recorded: Callable[..., ActionRecord]) -> Iterator[ActionRecord]:
    """Block, isolate after a person agreed, something that failed, and something that waits."""
    seen = ({"where": "target", "outcome": "in-force", "time": _TEN + timedelta(minutes=2), "said": "it holds"},)
    when = {"made": _TEN, "changed": _TEN + timedelta(minutes=1), "done": _TEN + timedelta(minutes=1), "checks": seen}
    asked = {"outcome": "ask", "level": "L2", "approvals": 1, "why": ({"code": "report.nothing"},)}
    host = {"action": "isolate_host", "targets": ({"kind": "host", "value": "ws1"},), "arguments": {"host": "ws1"}}
    yield recorded(incident=ids["ws1"], expires=_TEN + timedelta(hours=10), **when)
    yield recorded(incident=ids["ws1"], ruling=asked, expires=None, **when, **host)
    yield recorded(incident=ids["ws1"], wave=1, state="failed", said="the firewall is gone", **(when | {"checks": ()}))
    bare = {"done": None, "expires": None, "checks": (), "place": "", "made": _TEN, "changed": _TEN}
    yield recorded(incident=ids["ws2"], state="waiting", ruling=asked, deadline=_TEN + timedelta(hours=4), **bare)
