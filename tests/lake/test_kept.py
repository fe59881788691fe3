"""What is kept comes back as it was, whatever its log source, and stays in parts of bounded size."""

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.lake import KEPT_SCHEMA, Keeper, batches
from watchkeeper.model.batch import RESERVED, Batch
from watchkeeper.model.logsource import LogSource

SOURCES = (
    LogSource(product="zeek", service="conn"),
    LogSource(product="windows", service="Security", event_type="4624"),
    LogSource(product="aws", service="cloudtrail", event_type="ConsoleLogin"),
)
Row = dict[str, str | list[str]]
words = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
rows = st.lists(
    st.fixed_dictionaries({}, optional={"user": words, "id.resp_h": words, "Ünit \"'": words, "answers": st.lists(words, max_size=3)}),
    min_size=1,
    max_size=6,
)


def _batch(source: LogSource, native: list[Row], first: int = 0) -> Batch:
    count = len(native)
    at = datetime(2025, 3, 1, tzinfo=UTC)
    table = pa.table(
        {
            "_id": [f"{first + place:032x}" for place in range(count)],
            "_time": pa.array([at] * count, pa.timestamp("us", tz="UTC")),
            "_host": ["ws1"] * count,
            "_source": ["a.log"] * count,
            "_row": pa.array(range(first, first + count), pa.int64()),
            "_raw": [f"raw {first + place}" for place in range(count)],
        },
        schema=RESERVED,
    )
    for name in dict.fromkeys(name for row in native for name in row):
        values = [row.get(name) for row in native]
        table = table.append_column(name, pa.array(values, pa.list_(pa.string()) if name == "answers" else pa.string()))
    return Batch(source, table)


@given(native=rows, source=st.sampled_from(SOURCES))
def test_a_batch_comes_back_with_its_source_and_every_field(
    tmp_path_factory: pytest.TempPathFactory, native: list[Row], source: LogSource
) -> None:
    folder = tmp_path_factory.mktemp("kept")
    keeper = Keeper(folder)
    keeper.add(_batch(source, native))
    keeper.flush()
    (back,) = batches(folder)
    assert back.logsource == source
    assert list(back.rows()) == native
    assert back.table.column("_raw").to_pylist() == [f"raw {place}" for place in range(len(native))]


def test_sources_that_lie_mixed_come_back_apart(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path)
    for turn in range(6):
        keeper.add(_batch(SOURCES[turn % 3], [{"user": f"u{turn}"}], first=turn))
    keeper.flush()
    found = {batch.logsource: [row["user"] for row in batch.rows()] for batch in batches(tmp_path)}
    assert found == {SOURCES[0]: ["u0", "u3"], SOURCES[1]: ["u1", "u4"], SOURCES[2]: ["u2", "u5"]}


def test_many_events_make_several_parts_of_one_schema_and_none_is_lost(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path)
    for turn in range(12):
        keeper.add(_batch(SOURCES[0], [{"user": "x"}] * 10_000, first=10_000 * turn))
    keeper.flush()
    parts = sorted(tmp_path.glob("*.parquet"))
    assert len(parts) > 1
    assert {pq.read_schema(part) for part in parts} == {KEPT_SCHEMA}
    ids = [id_ for batch in batches(tmp_path) for id_ in batch.table.column("_id").to_pylist()]
    assert len(ids) == len(set(ids)) == 120_000


def test_a_later_keeper_adds_to_what_is_there(tmp_path: Path) -> None:
    for first in (0, 1):
        keeper = Keeper(tmp_path)
        keeper.add(_batch(SOURCES[0], [{"user": f"u{first}"}], first=first))
        keeper.flush()
        keeper.flush()
    assert [row["user"] for batch in batches(tmp_path) for row in batch.rows()] == ["u0", "u1"]
    assert len(list(tmp_path.glob("*.parquet"))) == 2


def test_keepers_that_write_at_the_same_time_each_have_a_series(tmp_path: Path) -> None:
    keepers = [Keeper(tmp_path, series) for series in ("0000002", "0000001")]
    for turn in range(2):
        for place, keeper in enumerate(keepers):
            keeper.add(_batch(SOURCES[0], [{"user": f"u{place}{turn}"}], first=turn))
            keeper.flush()
    assert [row["user"] for batch in batches(tmp_path) for row in batch.rows()] == ["u10", "u11", "u00", "u01"]
