"""Answers come whatever happens to a worker, and no worker outlives who started it."""

import os
import signal
import subprocess
import sys
import time
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from watchkeeper.autopilot.workers import Died, Workers

CASES = Path(__file__).parent.parent / "cases" / "autopilot" / "workers"


@pytest.fixture
def odd(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(CASES)
    return import_module("odd_work")


def _ignore(_: int) -> None:
    return


def _gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] == "Z" if Path("/proc/self/stat").exists() else False


def test_every_piece_is_answered_once_and_a_worker_that_dies_costs_its_piece_alone(odd: Any) -> None:
    pieces = {place: b"%d" % place * 100_000 for place in range(20)}
    with Workers(partial(odd.begin, b"="), 2) as workers:
        found = dict(workers.answers({**pieces, 7: b"die", 12: b"leave"}, _ignore))
        assert found.pop(7) == Died("it was ended by SIGKILL")
        assert found.pop(12) == Died("it ended with exit code 3")
        assert found == {place: b"=" + piece for place, piece in pieces.items() if place not in {7, 12}}
        assert dict(workers.answers({0: b"again"}, _ignore)) == {0: b"=again"}


def test_what_cannot_be_done_is_raised_here(odd: Any) -> None:
    with Workers(odd.begin, 1) as workers, pytest.raises(OSError, match="not that piece"):
        list(workers.answers({1: b"refuse"}, _ignore))
    with Workers(odd.refusing, 1) as workers, pytest.raises(OSError, match="no disk"):
        list(workers.answers({1: b"a"}, _ignore))


def test_how_far_it_is_is_told_and_leaving_ends_the_work(odd: Any) -> None:
    class Enough(Exception):  # noqa: N818 - it is no error
        pass

    def told(done: int) -> None:
        assert done == 7
        raise Enough

    pids: list[int | None] = []

    def interrupted() -> None:
        with Workers(odd.begin, 2) as workers:
            pids.extend(worker.process.pid for worker in workers._idle)
            list(workers.answers({1: b"sleep", 2: b"a"}, told))

    before = time.monotonic()
    with pytest.raises(Enough):
        interrupted()
    assert time.monotonic() - before < 30
    assert all(pid and _gone(pid) for pid in pids)


PARENT = """
import signal
import sys
sys.path.insert(0, {folder!r})
from watchkeeper.autopilot.workers import Workers
from odd_work import begin

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in who is started in the background
    with Workers(begin, 2) as workers:
        told = lambda _: print(*(worker.process.pid for worker in (*workers._idle, *workers._busy.values())), flush=True)
        list(workers.answers({{1: b"sleep", 2: b"sleep"}}, told))
"""


@pytest.mark.slow
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_worker_outlives_its_parent(tmp_path: Path, ending: signal.Signals) -> None:
    (tmp_path / "parent.py").write_text(PARENT.format(folder=str(CASES)), "utf-8")
    parent = subprocess.Popen([sys.executable, tmp_path / "parent.py"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert parent.stdout
    pids = [int(pid) for pid in parent.stdout.readline().split()]
    parent.send_signal(ending)
    parent.wait(30)
    parent.stdout.close()
    assert len(pids) == 2
    until = time.monotonic() + 10
    while not all(map(_gone, pids)):
        assert time.monotonic() < until
        time.sleep(0.1)
