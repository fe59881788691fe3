"""A state folder for commands about actions: users who are known, and a place at which something really happens."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pytest

from watchkeeper.access.passwords import new_password
from watchkeeper.autopilot.people import COMMAND_LINE, add_user
from watchkeeper.cli.opened import opened
from watchkeeper.model.means import Job, Means
from watchkeeper.model.principal import Role
from watchkeeper.model.proposal import Done, Seen
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
        return Seen(where="target", outcome="in-force" if held else "not-in-force", time=datetime.now(UTC), said="looked into the list")

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
