"""Which process is ended is judged in one way for every system; paths are compared as the system compares them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import PurePath, PurePosixPath, PureWindowsPath

import pytest

from watchkeeper.model.entity import Entity
from watchkeeper.model.means import Job
from watchkeeper.response.connectors.commands import Machine
from watchkeeper.response.connectors.processes import Processes, Running, kill
from watchkeeper.response.connectors.site import Site, Suspect, Way

SEEN = datetime(2026, 3, 1, 10, tzinfo=UTC)
SITE = Site("ws1", Machine(), (), "", "")


def _way(running: Running | None, path: type[PurePath], ended: list[str]) -> Way:
    def end(_: Site, suspect: Suspect, found: Running) -> None:
        ended.append(f"{suspect.pid} {found.mark}")

    look: Callable[[Site, Suspect], Running | None] = lambda _, __: running  # noqa: E731 -- said in one line
    return kill(Processes(look, end, path, lambda image: path(image).name.lower() == "lsass.exe"))


def _job(name: str, image: str = "") -> Job:
    told = {"started": SEEN.isoformat(), **({"image": image} if image else {})}
    return Job(
        key="a" * 32, tenant="default", incident="i1", action="kill_process", targets=(Entity(kind="process", value=f"ws1:44 {name}"),),
        arguments=told, expires=None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("path", "image", "name", "evidence"),
    [
        (PureWindowsPath, r"C:\Users\Ann\Evil.EXE", "evil.exe", r"c:\users\ann\evil.exe"),
        (PureWindowsPath, r"C:\Users\Ann\Evil.EXE", "Evil.exe", ""),
        (PurePosixPath, "/srv/evil", "evil", "/srv/evil"),
    ],
)
def test_the_one_that_was_meant_is_ended(path: type[PurePath], image: str, name: str, evidence: str) -> None:
    ended: list[str] = []
    way = _way(Running("7", SEEN, image), path, ended)
    assert way.check(SITE, _job(name, evidence)).outcome == "not-in-force"
    assert way.do(SITE, _job(name, evidence)).said == f"{name.lower()} (44) on ws1 was ended"
    assert (ended, way.undo) == (["44 7"], None)


@pytest.mark.parametrize(
    ("path", "image", "evidence"),
    [(PureWindowsPath, r"C:\other\evil.exe", r"C:\evil.exe"), (PurePosixPath, "/srv/Evil.exe", "/srv/evil.exe"), (PurePosixPath, "", "")],
)
def test_another_program_with_its_number_is_left_alone(path: type[PurePath], image: str, evidence: str) -> None:
    ended: list[str] = []
    with pytest.raises(ValueError, match="is not ended: that number runs"):
        _way(Running("7", SEEN, image), path, ended).do(SITE, _job("evil.exe", evidence))
    assert ended == []


def test_what_the_host_needs_or_what_started_later_is_left_alone() -> None:
    ended: list[str] = []
    with pytest.raises(ValueError, match="the host would be lost"):
        _way(Running("7", SEEN, r"C:\x\lsass.exe"), PureWindowsPath, ended).do(SITE, _job("lsass.exe"))
    later = _way(Running("7", SEEN + timedelta(seconds=3), r"C:\x\evil.exe"), PureWindowsPath, ended)
    for way in (later, _way(None, PureWindowsPath, ended)):
        assert way.do(SITE, _job("evil.exe")).said == "evil.exe (44) on ws1 had ended by itself"
        assert way.check(SITE, _job("evil.exe")).outcome == "in-force"
    assert ended == []
