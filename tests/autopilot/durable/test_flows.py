"""What a flow goes by, and when an incident needs one."""

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.autopilot.durable.conftest import incident

from watchkeeper.autopilot.durable.flows import begun, core_of, flow_id, needs_one
from watchkeeper.model.live import LiveIncident

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def row(**more: Any) -> LiveIncident:
    told: dict[str, Any] = {"incident": incident(), "status": "open", "revision": 1, "opened": NOW, "updated": NOW}
    return LiveIncident(**(told | more))


def test_ids_name_tenant_incident_and_number() -> None:
    assert flow_id("acme", "i1", 2) == "acme/i1/2"


def test_the_core_is_the_verdict_and_the_targets_and_nothing_else() -> None:
    one = incident()
    verdict = one.verdict
    assert verdict is not None
    assert core_of(one) == core_of(one.model_copy(update={"score": 1.0, "hosts": ("a", "b")}))
    judged, grown = (
        core_of(one.model_copy(update={"verdict": verdict.model_copy(update={"outcome": "benign"})})),
        core_of(incident("i1", ("192.0.2.1",))),
    )
    mine = core_of(one).split(".")
    assert (judged.split(".")[0] != mine[0], judged.split(".")[1] == mine[1]) == (True, True)
    assert (grown.split(".")[0] == mine[0], grown.split(".")[1] != mine[1]) == (True, True)


@pytest.mark.parametrize(
    "more",
    [
        {"status": "closed"},
        {"into": "i2"},
        {"incident": incident(shown=False)},
        {"incident": incident(verdict=None)},
        {"incident": incident(plan=None)},
    ],
)
def test_what_is_closed_merged_hidden_or_not_judged_needs_none(more: dict[str, Any]) -> None:
    assert needs_one(row(), None)
    assert not needs_one(row(**more), None)


def test_one_that_is_through_is_begun_again_for_another_incident_alone() -> None:
    flow = begun("i1", core_of(incident()), 1, NOW)
    assert not needs_one(row(), flow)
    assert not needs_one(row(), flow.model_copy(update={"state": "done"}))
    assert needs_one(row(), flow.model_copy(update={"state": "done", "core": "x.y"}))
    assert not needs_one(row(), flow.model_copy(update={"core": "x.y"})), "it is underway, and notices by itself"
