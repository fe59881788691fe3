"""Flows and executors in the database, both of them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from watchkeeper.model.flow import Flow, FlowState
from watchkeeper.store import open_store

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def flow(incident: str = "i1", state: FlowState = "walking") -> Flow:
    return Flow(incident=incident, state=state, number=1, core="a.b", begun=NOW, changed=NOW)


def test_a_flow_is_kept_by_tenant_and_tells_of_its_change(place: Path | str) -> None:
    store = open_store(place)
    assert store.flow("i1") is None
    store.change_flow("i1", lambda before: before or flow())
    number = store.last_change()
    store.change_flow("i1", lambda before: before or flow())
    assert store.last_change() == number, "what is as it was is no change"
    store.change_flow("i2", lambda _: flow("i2", "waiting"))
    assert [one.incident for one in store.flows(("walking", "waiting"))] == ["i1", "i2"]
    assert [one.incident for one in store.flows(("waiting",))] == ["i2"]
    assert store.of("other").flow("i1") is None
    store.of("other").change_flow("i1", lambda _: flow(state="failed"))
    assert store.count_flows() == {"walking": 1, "waiting": 1, "failed": 1}
    assert set(store.last_changes()) == {"default", "other"}
    store.close()


def test_what_raises_keeps_nothing_of_a_flow(place: Path | str) -> None:
    store = open_store(place)

    def fails(_: Flow | None) -> Flow:
        raise LookupError

    with pytest.raises(LookupError):
        store.change_flow("i1", fails)
    assert store.flow("i1") is None
    store.close()


def test_an_executor_is_buried_once_and_may_begin_anew(place: Path | str) -> None:
    store = open_store(place)
    assert store.beat("one", fresh=True)
    assert store.beat("one")
    beats = store.executors()["one"]
    assert not store.bury("one", beats - 1), "it has beaten since"
    assert store.bury("one", beats)
    assert not store.bury("one", beats)
    assert store.executors() == {}
    assert not store.beat("one")
    assert store.beat("one", fresh=True)
    assert "one" in store.executors()
    store.close()
