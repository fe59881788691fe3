"""Processes are used again while they behave, killed when they do not, and leave nothing."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from watchkeeper.lake.box import Looked, Opened
from watchkeeper.lake.boxes import Boxes

GOOD, BAD = Looked("SELECT 1", 5), Looked("SELECT * FROM nowhere", 5)


@pytest.fixture
def boxes() -> Iterator[Boxes]:
    boxes = Boxes()
    yield boxes
    boxes.close()


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    return Opened((str(tmp_path),), 64 << 20, 1)


def _pid(boxes: Boxes, opened: Opened, asked: Looked = GOOD) -> int:
    with boxes.lent(opened) as box:
        assert [kind for kind, _ in box.ask(asked, 30, 1 << 20)] == [b"Q"]
        return box._process.pid


def test_one_that_behaves_is_used_again_by_its_own_tenants_alone(boxes: Boxes, opened: Opened) -> None:
    first = _pid(boxes, opened)
    with pytest.raises(ValueError, match="there is no table"):
        _pid(boxes, opened, BAD)
    assert _pid(boxes, opened) == first
    assert _pid(boxes, Opened(("/elsewhere",), 64 << 20, 1)) != first


def test_one_that_died_or_is_late_is_replaced(boxes: Boxes, opened: Opened) -> None:
    first = _pid(boxes, opened)
    os.kill(first, signal.SIGSEGV)
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
    second = _pid(boxes, opened)
    os.kill(second, signal.SIGSTOP)  # it will not answer in time
    with pytest.raises(TimeoutError, match="killed"), boxes.lent(opened) as box:
        list(box.ask(GOOD, 0, 1 << 20))
    with pytest.raises(MemoryError, match="more than 1 bytes"), boxes.lent(opened) as box:
        list(box.ask(GOOD, 30, 1))
    assert len({first, second, _pid(boxes, opened)}) == 3


def test_its_environment_is_empty_and_its_files_are_its_own(boxes: Boxes, opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHKEEPER_DATABASE", "secret")
    place = Path("/proc") / str(_pid(boxes, opened))
    if not place.exists():
        pytest.skip("this system does not say what a process holds")
    assert b"secret" not in (place / "environ").read_bytes()
    assert (place / "cwd").readlink() == Path("/")
    held = {str(one.readlink()) for one in (place / "fd").iterdir()}
    assert all(name.startswith(("pipe:", "/dev/null", "/dev/urandom", "anon_inode:")) for name in held), held


def test_none_is_left(boxes: Boxes, opened: Opened) -> None:
    pid = _pid(boxes, opened)
    boxes.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
