"""A state folder is one server's at a time."""

import subprocess
import sys
from pathlib import Path

import pytest

from watchkeeper.server.claim import claimed, counted

_LEFT = """
import sys, time
from pathlib import Path
from watchkeeper.server.claim import counted
with counted(Path(sys.argv[1])):
    print("lives", flush=True)
    time.sleep(float(sys.argv[2]))
"""


def _left(state: Path, seconds: float) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", _LEFT, str(state), str(seconds)], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "lives\n"
    process.stdout.close()
    return process


def test_a_second_server_is_refused_and_the_next_is_not(tmp_path: Path) -> None:
    with claimed(tmp_path), pytest.raises(ValueError, match="another `watchkeeper serve`"), claimed(tmp_path):
        pass
    with claimed(tmp_path), counted(tmp_path):
        pass


def test_what_a_killed_server_left_is_waited_for(tmp_path: Path) -> None:
    process = _left(tmp_path, 0.5)
    with claimed(tmp_path):
        assert process.wait(10) == 0


def test_what_does_not_end_is_said(tmp_path: Path) -> None:
    process = _left(tmp_path, 60)
    with pytest.raises(ValueError, match="still work on"), claimed(tmp_path, 0.1):
        pass
    process.kill()
    process.wait()
    with claimed(tmp_path):
        pass
