"""The flows process, with a real store and lake: it finds an incident, proposes by a shipped playbook, and stops when told."""

import time
from pathlib import Path

from tests.autopilot.durable.conftest import incident, keep

from watchkeeper.autopilot.options import Options
from watchkeeper.server.flows import FlowDuty, walk_flows
from watchkeeper.server.vitals import read_vitals, total
from watchkeeper.store import open_store


def test_an_incident_is_walked_and_shown_and_the_process_stops_when_told(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    keep(store, incident())
    end = time.monotonic() + 60

    def over() -> bool:
        assert time.monotonic() < end, store.flow("i1")
        flow = store.flow("i1")
        return flow is not None and flow.state in {"waiting", "done", "failed"} and total(read_vitals(tmp_path).vitals, "flows") is not None

    walk_flows(FlowDuty(tmp_path, tmp_path, Options(paths=())), over)
    flow = store.flow("i1")
    assert flow is not None
    assert flow.failures == ()
    assert flow.playbook
    assert [stage.operation for stage in flow.stages][:5] == ["warn", "triage", "trace", "track", "assess"]
    assert (tmp_path / "flows.db").stat().st_mode & 0o077 == 0
    (vitals,) = read_vitals(tmp_path).vitals
    assert (vitals.process, vitals.phase) == ("flows", "stopped")
    store.close()
