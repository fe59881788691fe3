"""Health: taking events in is one thing, being well another."""

from datetime import UTC, datetime, timedelta
from typing import Any

from watchkeeper.model.vitals import Vitals
from watchkeeper.server.health import health
from watchkeeper.server.vitals import STALE

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def _said(process: str, phase: Any = "running", hindered: str = "", age: timedelta = timedelta(0)) -> Vitals:
    return Vitals(process=process, pid=1, started=NOON, written=NOON - age, phase=phase, hindered=hindered)


def test_nothing_said_is_neither_ready_nor_well() -> None:
    assert (health([], NOON).is_ready, health([], NOON).is_well) == (False, False)


def test_all_running_is_well() -> None:
    found = health([_said("web"), _said("worker-0"), _said("worker-9", "stopped")], NOON)
    assert (found.is_ready, found.is_well, [part.name for part in found.parts]) == (True, True, ["web", "worker-0"])


def test_a_dead_worker_is_no_reason_to_refuse_events() -> None:
    found = health([_said("web"), _said("worker-0", age=STALE + timedelta(seconds=1))], NOON)
    assert (found.is_ready, found.is_well, found.parts[1].state) == (True, False, "silent")


def test_a_full_disk_or_a_web_process_that_starts_or_hangs_is_not_ready() -> None:
    for web in (_said("web", hindered="disk full"), _said("web", "starting"), _said("web", age=STALE * 2)):
        assert not health([web, _said("worker-0")], NOON).is_ready
