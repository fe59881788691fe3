"""Flows that are killed with signal 9: one process a kill point, from the same prepared state. Run as a program of its own by the tests.

Everything is loaded once; each case is a fork of this process, which has no threads, and kills itself. A second fork goes on.
"""

import asyncio
import json
import os
import signal
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from dbos._sys_db import SystemDatabase
from tests.autopilot.durable.conftest import World, incident, keep, world

from watchkeeper.autopilot.durable import carrier, walker

_LONGEST = 25.0
_AT_ONCE = 6
_COUNT = [0]
"""Results of steps that this process kept."""


def main() -> None:
    """Go through the cases that stand in a file, and write down what came of each."""
    cases: list[dict[str, Any]] = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    left, running, came = list(cases), dict[int, dict[str, Any]](), list[dict[str, Any]]()
    while left or running:
        while left and len(running) < _AT_ONCE:
            case = left.pop(0)
            pid = os.fork()
            if pid == 0:
                _alone(lambda case=case: _case(case))
            running[pid] = case
        pid, status = os.wait()
        case = running.pop(pid)
        came.append({**case, "rc": os.waitstatus_to_exitcode(status)})
    Path(sys.argv[1]).write_text(json.dumps(came), "utf-8")


def _alone(work: Callable[[], object]) -> None:
    code = 1
    try:
        work()
        code = 0
    except BaseException as error:  # noqa: BLE001 -- the end of a process: it says why and ends
        sys.stderr.write(f"{error!r}"[:3_000] + "\n")
        sys.stderr.flush()
    finally:
        os._exit(code)


def _forked(work: Callable[[], object]) -> int:
    pid = os.fork()
    if pid == 0:
        _alone(work)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _case(case: dict[str, Any]) -> None:
    """One life that ends at the kill point, and one that goes on."""
    if case["point"] == "template":
        _life(case, "first")
        return
    first = _forked(lambda: _life(case, "first"))
    if case["point"] == "none" and not first:
        return
    if first != -signal.SIGKILL:
        raise AssertionError(f"the first life ended with {first}, not by its kill point")
    if between := case.get("between"):
        with closing(sqlite3.connect(Path(case["state"]) / "flows.db")) as connection, connection:
            for statement in between.split("; "):
                assert connection.execute(statement).rowcount > 0
    if again := _forked(lambda: _life(case | {"point": "none"}, "second")):
        raise AssertionError(f"the second life ended with {again}")


def _life(case: dict[str, Any], life: str) -> None:
    point, place, state = case["point"], case["place"], Path(case["state"])
    one = world(Path(place) if "://" not in place else place, state)
    one.place.kills = point
    if life == "second" and case.get("shape"):
        carrier.SHAPE = walker.SHAPE = case["shape"]
    if life == "second" and case.get("executor"):
        one.executor, one.dead_seconds = case["executor"], 1.0
    name, _, number = point.partition(" ")
    _kill_at_result(name, int(number or 0))
    began = time.monotonic()

    def over() -> bool:
        assert time.monotonic() - began < _LONGEST, [one.store.flow("i1"), one.records(), one.log]
        flow = one.store.flow("i1")
        if flow and flow.state == "waiting" and point == "waiting":
            os.kill(os.getpid(), signal.SIGKILL)
        return bool(flow and flow.state in {"done", "failed"})

    with one.office() as office:
        asyncio.run(
            walker.walk(office, (lambda: True) if point == "template" else over, lambda _: point != "waiting" and one.approve() and None)
        )
    if point == "template":
        keep(one.store, incident())
        one.store.close()
        return
    _written(one, state)
    os._exit(0)


def _written(one: World, state: Path) -> None:
    flow = one.store.flow("i1")
    told = {
        "state": flow.state if flow else "",
        "number": flow.number if flow else 0,
        "does": one.place.calls("do"),
        "undoes": one.place.calls("undo"),
        "actions": [record.state for record in one.records()],
        "stages": [stage.key.split(" ")[1] for stage in flow.stages] if flow else [],
        "failures": [failure.error for failure in flow.failures] if flow else [],
        "log": [event for event, _ in one.log],
        "kept": _COUNT[0],
    }
    (state / "told.json").write_text(json.dumps(told), "utf-8")


def _kill_at_result(when: str, which: int) -> None:
    """Kill this process before or after the so-manieth result of a step is kept."""
    kept, count = SystemDatabase.record_operation_result, _COUNT

    def recorded(self: SystemDatabase, *given: Any, **named: Any) -> None:
        count[0] += 1
        if when == "before" and count[0] == which:
            os.kill(os.getpid(), signal.SIGKILL)
        kept(self, *given, **named)
        if when == "after" and count[0] == which:
            os.kill(os.getpid(), signal.SIGKILL)

    SystemDatabase.record_operation_result = recorded  # type: ignore[method-assign]


if __name__ == "__main__":
    main()
