"""The funnel as a whole: nothing lost, nothing depends on order."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.baseline import Baseline
from watchkeeper.correlation import Correlated, correlate
from watchkeeper.model.asset import Asset
from watchkeeper.model.signal import LEVELS, PLACED_SCHEMA, SIGNAL_SCHEMA

START = datetime(2025, 3, 3, 8, tzinfo=UTC)


def run(rows: list[dict[str, object]]) -> Correlated:
    return correlate(pa.Table.from_pylist(rows, schema=SIGNAL_SCHEMA), Baseline.empty(), lambda host: Asset(name=host))


@st.composite
def signal(draw: st.DrawFn) -> dict[str, object]:
    minutes = draw(st.none() | st.integers(0, 3000))
    rule = draw(st.sampled_from("abcdef"))
    return {
        "event_id": "e",
        "time": None if minutes is None else START + timedelta(minutes=minutes),
        "host": draw(st.sampled_from(["", "ws1", "ws2", "dc"])),
        "user": draw(st.sampled_from(["", "alice", "system"])),
        "source": "x",
        "row": 0,
        "rule": rule,
        "title": rule,
        "level": draw(st.sampled_from(LEVELS)),
        "detector": "sigma",
        "techniques": [],
        "tactics": draw(st.lists(st.sampled_from(["execution", "credential-access", "lateral-movement"]), max_size=2)),
        "entities": draw(
            st.lists(st.sampled_from([{"kind": "address", "value": "192.0.2.7"}, {"kind": "host", "value": "dc"}]), max_size=2)
        ),
        "matches": [],
        "synthetic": False,
    }


@settings(max_examples=30, deadline=None)
@given(st.lists(signal(), max_size=40), st.randoms())
def test_every_signal_appears_once_whatever_the_order(rows: list[dict[str, object]], random: object) -> None:
    rows = [{**row, "id": f"{at:032x}"} for at, row in enumerate(rows)]
    got = run(rows)
    assert got.signals.schema == PLACED_SCHEMA
    assert sorted(got.signals.column("id").to_pylist()) == [row["id"] for row in rows]
    assert sum(fold.count for fold in got.folds) == len(rows)
    shuffled = list(rows)
    random.shuffle(shuffled)  # pyright: ignore
    again = run(shuffled)
    assert again.signals.equals(got.signals)
    assert again.incidents == got.incidents
    assert again.sessions == got.sessions
