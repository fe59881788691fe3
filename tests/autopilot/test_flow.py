"""A step that fails is seen, and the steps after it still run."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pyarrow as pa

from watchkeeper.autopilot.flow import run
from watchkeeper.autopilot.world import World
from watchkeeper.model.asset import Asset
from watchkeeper.model.event import Event
from watchkeeper.model.incident import Incident
from watchkeeper.model.query import Query
from watchkeeper.model.signal import PLACED_SCHEMA

NOW = datetime(2025, 5, 5, 12, tzinfo=UTC)


def _incident() -> Incident:
    return Incident(
        id="i", rank=1, title="t", level="high", score=1.0, start=NOW, end=NOW, sessions=("s",), folds=(), hosts=("ws1",), entities=(),
        techniques=(), tactics=(), why=(), shown=True,
    )  # fmt: skip


def _signals(_: Incident) -> pa.Table:
    return PLACED_SCHEMA.empty_table()


def _broken(_: Query) -> Iterator[Event]:
    raise OSError("disk gone")


def test_every_step_leaves_its_noun() -> None:
    world = World(search=lambda _: iter(()), signals_of=_signals, asset_of=lambda name: Asset(name=name, owner="it"), record_end=NOW)
    done = run(_incident(), world)
    assert done.failures == ()
    for result in (done.notice, done.verdict, done.trace, done.watchlist, done.impact, done.weaknesses, done.plan, done.verification):
        assert result is not None
    assert done.notice
    assert done.notice.recipients == ("it",)


def test_a_failing_step_becomes_a_failure_and_the_rest_goes_on() -> None:
    world = World(search=_broken, signals_of=_signals, asset_of=lambda name: Asset(name=name), record_end=NOW)
    done = run(_incident(), world)
    assert "trace" in [failure.step for failure in done.failures]
    assert all("disk gone" in failure.error for failure in done.failures)
    assert done.plan is not None
    assert [note.code for note in done.plan.withheld] == ["plan.no-trace"]
