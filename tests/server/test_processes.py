"""Children in real processes."""

import importlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from watchkeeper.server.processes import Child, Children

_DUTIES = """
import os, time

def writes_its_number(folder, stopping):
    (folder / str(os.getpid())).write_text("began")
    while not stopping():
        time.sleep(0.01)
    (folder / str(os.getpid())).write_text("ended")

def dies(folder, stopping):
    (folder / str(os.getpid())).write_text("began")
    raise SystemExit(3)
"""


@pytest.fixture
def duties(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Give a module that children can import too."""
    (tmp_path / "duties_of_children.py").write_text(_DUTIES)
    monkeypatch.syspath_prepend(str(tmp_path))
    sys.modules.pop("duties_of_children", None)
    return importlib.import_module("duties_of_children")


@pytest.fixture
def said(tmp_path: Path) -> Path:
    (tmp_path / "said").mkdir()
    return tmp_path / "said"


def _until(seconds: float, happened: Callable[[], bool]) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def test_who_was_killed_is_started_again_and_the_others_live_on(duties: ModuleType, said: Path) -> None:
    children = Children([Child("one", duties.writes_its_number, said), Child("two", duties.writes_its_number, said)])
    children.start()
    try:
        _until(20, lambda: len(list(said.iterdir())) == 2)
        first, second = (child.process for child in children.all)
        assert first is not None
        assert first.pid is not None
        os.kill(first.pid, signal.SIGKILL)
        _until(20, lambda: (children.look(), len(list(said.iterdir())) == 3)[1])
        assert children.all[1].process is second
        assert children.all[0].deaths == 1
    finally:
        children.stop()
    assert sorted(path.read_text() for path in said.iterdir()) == ["began", "ended", "ended"]


def test_who_keeps_dying_waits_longer_each_time(duties: ModuleType, said: Path) -> None:
    child = Child("one", duties.dies, said)
    children = Children([child])
    children.start()
    try:
        _until(20, lambda: (children.look(), child.deaths == 3)[1])
        assert child.pause == pytest.approx(2.0)
        assert len(list(said.iterdir())) == 3
    finally:
        children.stop()


_PARENT = """
import sys, time
from pathlib import Path
from duties_of_children import writes_its_number
from watchkeeper.server.processes import Child, Children
if __name__ == "__main__":
    children = Children([Child("one", writes_its_number, Path(sys.argv[1]))])
    children.start()
    time.sleep(60)
"""


def test_children_end_when_their_parent_is_killed(tmp_path: Path, duties: ModuleType, said: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(_PARENT)
    parent = subprocess.Popen([sys.executable, str(script), str(said)])
    _until(20, lambda: len(list(said.iterdir())) == 1)
    parent.kill()
    parent.wait()
    _until(20, lambda: [path.read_text() for path in said.iterdir()] == ["ended"])
    assert duties.__name__ == "duties_of_children"
