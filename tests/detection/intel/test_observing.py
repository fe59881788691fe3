from datetime import UTC, datetime, timedelta

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.detection.intel.observables import fields_of, observables
from watchkeeper.detection.intel.observing import Observer
from watchkeeper.model.batch import RESERVED, Batch
from watchkeeper.model.logsource import LogSource
from watchkeeper.model.observed import OBSERVED_SCHEMA

NOW = datetime(2026, 6, 1, tzinfo=UTC)
_TEXTS = st.sampled_from([None, "203.0.113.7", "203.0.113.8", "a.bad.example", "-", "203.0.113.7;x.bad.example"])
_ROWS = st.lists(
    st.tuples(st.sampled_from(["pc1", "pc2", ""]), st.none() | st.integers(0, 5), _TEXTS, _TEXTS, st.lists(_TEXTS, max_size=2)), max_size=12
)


def _batch(rows: list[tuple], start: int) -> Batch:
    table = pa.table(
        [
            [f"{start + place:032x}" for place in range(len(rows))],
            [None if row[1] is None else NOW + timedelta(seconds=row[1]) for row in rows],
            [row[0] for row in rows],
            ["log"] * len(rows),
            list(range(start, start + len(rows))),
            [""] * len(rows),
        ],
        schema=RESERVED,
    )
    table = table.append_column("DestinationIp", pa.array([row[2] for row in rows], pa.string()))
    table = table.append_column("QueryName", pa.array([row[3] for row in rows], pa.string()))
    table = table.append_column("QueryResults", pa.array([row[4] or None for row in rows], pa.list_(pa.string())))
    return Batch(LogSource(product="windows", service="", event_type=""), table)


@given(_ROWS, st.integers(1, 12))
def test_it_says_of_each_value_where_when_and_how_often_it_was_named(rows: list[tuple], size: int) -> None:
    observer = Observer()
    for start in range(0, len(rows), size):
        observer.take(_batch(rows[start : start + size], start))
    found = observer.taken_out()
    assert found.schema == OBSERVED_SCHEMA
    expected: dict[tuple[str, str, str], list[tuple[int, datetime | None]]] = {}
    for place, (host, second, *texts) in enumerate(rows):
        for field, value in zip(("DestinationIp", "QueryName", "QueryResults"), texts, strict=True):
            for text in value if isinstance(value, list) else [value]:
                for kind, named in (
                    observables(fields_of(LogSource(product="windows", service="", event_type=""))[field], text) if text else ()
                ):
                    time = None if second is None else NOW + timedelta(seconds=second)
                    expected.setdefault((kind, named, host), []).append((place, time))
    told = {
        (row["kind"], row["value"], row["host"]): (row["count"], row["first"], row["last"], row["row"], row["event_id"])
        for row in found.to_pylist()
    }
    assert told == {
        key: (
            len(seen),
            min((time for _, time in seen if time), default=None),
            max((time for _, time in seen if time), default=None),
            min(place for place, _ in seen),
            f"{min(place for place, _ in seen):032x}",
        )
        for key, seen in expected.items()
    }
    assert observer.taken_out().num_rows == 0


def test_much_that_waits_is_to_be_taken_out() -> None:
    observer = Observer()
    batch = _batch([("pc1", 1, "203.0.113.7", None, [])] * 50_000, 0)
    observer.take(batch)
    assert not observer.is_full
    observer.take(batch)
    assert observer.is_full
