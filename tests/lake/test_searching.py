"""Kept events are found by id, host, time, log source and text, and come back as they were."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from watchkeeper.lake import Keeper, Kept, batches
from watchkeeper.model.batch import RESERVED, Batch
from watchkeeper.model.event import Event
from watchkeeper.model.logsource import LogSource
from watchkeeper.model.query import Query

START = datetime(2025, 3, 1, 12, tzinfo=UTC)
SYSMON = LogSource(product="windows", service="Microsoft-Windows-Sysmon/Operational", event_type="1")
ZEEK = LogSource(product="zeek", service="conn")


def _batch(source: LogSource, host: str, fields: list[dict[str, str | list[str] | None]]) -> Batch:
    rows = len(fields)
    table = pa.Table.from_arrays(
        [
            pa.array([f"{host}-{i}" for i in range(rows)]),
            pa.array([None if i == 3 else START + timedelta(minutes=i) for i in range(rows)], pa.timestamp("us", tz="UTC")),
            pa.array([host] * rows),
            pa.array(["a.json"] * rows),
            pa.array(range(rows), pa.int64()),
            pa.array(["raw"] * rows),
        ],
        schema=RESERVED,
    )
    for name in dict.fromkeys(name for row in fields for name in row):
        table = table.append_column(name, pa.array([row.get(name) for row in fields]))
    return Batch(source, table)


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    keeper = Keeper(tmp_path / "events")
    keeper.add(_batch(SYSMON, "ws1", [{"Image": f"C:\\{i}\\Evil Ünit.exe", "User": None if i else "bob"} for i in range(5)]))
    keeper.add(_batch(ZEEK, "gw", [{"id.resp_h": "203.0.113.9", "answers": ["a", "b"]}]))
    keeper.flush()
    return Kept(tmp_path / "events")


def _ids(kept: Kept, query: Query) -> list[str]:
    return [event.id for event in kept.search(query)]


def test_everything_comes_back_in_time_order_and_the_timeless_last(kept: Kept) -> None:
    assert _ids(kept, Query())[-1] == "ws1-3"
    assert len(_ids(kept, Query())) == 6


def test_each_condition_narrows(kept: Kept) -> None:
    assert _ids(kept, Query(ids=("ws1-2", "nowhere"))) == ["ws1-2"]
    assert set(_ids(kept, Query(ids=(*map(str, range(5_000)), "gw-0", "ws1-0")))) == {"gw-0", "ws1-0"}
    assert _ids(kept, Query(hosts=("gw",))) == ["gw-0"]
    assert _ids(kept, Query(start=START + timedelta(minutes=1), end=START + timedelta(minutes=2))) == ["ws1-1", "ws1-2"]
    assert _ids(kept, Query(logsources=(LogSource(product="zeek"),))) == ["gw-0"]
    assert _ids(kept, Query(logsources=(LogSource(product="windows", service=SYSMON.service, event_type="3"),))) == []
    assert _ids(kept, Query(mentions=("203.0.113.9",))) == ["gw-0"]
    assert _ids(kept, Query(mentions=("c:\\2\\evil ünit.EXE",))) == ["ws1-2"]
    assert _ids(kept, Query(hosts=("ws1",), limit=2)) == ["ws1-0", "ws1-1"]


def test_text_of_a_query_is_never_sql(kept: Kept) -> None:
    assert _ids(kept, Query(hosts=("' OR true --",))) == []
    assert _ids(kept, Query(mentions=("' OR true --", "%"))) == []


def test_an_event_comes_back_as_it_was(kept: Kept) -> None:
    (event,) = kept.search(Query(ids=("gw-0",)))
    assert event == Event(
        id="gw-0", time=START, host="gw", source="a.json", row=0, logsource=ZEEK, fields={"id.resp_h": "203.0.113.9", "answers": ("a", "b")}
    )


def test_span_and_copy(kept: Kept, tmp_path: Path) -> None:
    assert kept.span() == (START, START + timedelta(minutes=4))
    copied = kept.copy([Query(hosts=("gw",)), Query(ids=("ws1-3", "gw-0"))], Keeper(tmp_path / "copy"))
    assert copied == 2
    assert sorted(event.id for event in Kept(tmp_path / "copy").search(Query())) == ["gw-0", "ws1-3"]


def test_an_empty_folder_answers_nothing(tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    empty = Kept(tmp_path / "none")
    assert list(empty.search(Query())) == []
    assert empty.span() == (None, None)
    assert empty.copy([Query()], Keeper(tmp_path / "copy")) == 0


def test_kept_events_become_batches_again(kept: Kept, tmp_path: Path) -> None:
    again = {batch.logsource.service: batch for batch in batches(tmp_path / "events")}
    assert again["conn"].table.column("answers").to_pylist() == [["a", "b"]]
    assert [row.get("User") for row in again[SYSMON.service].rows()] == ["bob", None, None, None, None]


def test_a_folder_without_parts_cannot_be_read_as_batches(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="--keep all"):
        next(batches(tmp_path))
