from datetime import UTC, datetime

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.ingest.batching import MAX_COLUMNS, MAX_RAW_CHARS, MAX_ROWS, Batcher, Placed
from watchkeeper.ingest.reader import Row
from watchkeeper.model.batch import RESERVED, Batch, Value
from watchkeeper.model.logsource import LogSource

TIME = datetime(2024, 3, 5, 8, 15, tzinfo=UTC)
ANYTHING = st.text(st.characters(codec=None), max_size=6)
FIELDS = st.dictionaries(
    ANYTHING.filter(lambda name: name.strip("_") != ""), ANYTHING | st.lists(ANYTHING, min_size=1, max_size=3), max_size=4
)


def _placed(fields: dict[str, Value], number: int = 0, service: str = "s", raw: str = "raw") -> Placed:
    return Placed(Row(LogSource(product="p", service=service), TIME, "Host.example.org", fields, raw), f"{number:032x}", "file", number)


def _batches(placed: list[Placed], batch_rows: int = 100) -> list[Batch]:
    batcher = Batcher(batch_rows)
    return [batch for one in placed for batch in batcher.add(one)] + list(batcher.flush())


@given(rows=st.lists(FIELDS, min_size=1, max_size=12), batch_rows=st.integers(1, 5))
def test_every_row_comes_out_once_and_every_column_is_text(rows: list[dict[str, Value]], batch_rows: int) -> None:
    batches = _batches([_placed(fields, number) for number, fields in enumerate(rows)], batch_rows)
    assert sorted(number for batch in batches for number in batch.table.column("_row").to_pylist()) == list(range(len(rows)))
    for batch in batches:
        assert batch.table.num_rows <= batch_rows
        assert batch.table.schema.names[: len(RESERVED)] == RESERVED.names
        assert len(set(batch.table.column_names)) == len(batch.table.column_names)
        for field in list(batch.table.schema)[len(RESERVED) :]:
            assert field.type in (pa.string(), pa.list_(pa.string()))


def test_rows_are_grouped_by_log_source() -> None:
    batches = _batches([_placed({"a": str(number)}, number, service=str(number % 2)) for number in range(6)])
    assert [(batch.logsource.service, batch.table.column("_row").to_pylist()) for batch in batches] == [("0", [0, 2, 4]), ("1", [1, 3, 5])]
    assert batches[0].table.column("_host").to_pylist() == ["host"] * 3


def test_one_list_makes_a_column_of_lists_and_absence_is_null() -> None:
    (batch,) = _batches([_placed({"a": "x"}), _placed({"a": ["y", "z"], "b": "1"})])
    assert list(batch.rows()) == [{"a": ["x"]}, {"a": ["y", "z"], "b": "1"}]


def test_names_that_begin_with_an_underscore_make_room_for_ours() -> None:
    (batch,) = _batches([_placed({"_id": "theirs", "id": "other", "__": "x"})])
    assert list(batch.rows()) == [{"id": "theirs", "id_": "other", "field": "x"}]


def test_what_is_held_is_bounded_in_rows_and_in_text() -> None:
    batcher = Batcher(MAX_ROWS * 2)
    assert sum(batch.table.num_rows for number in range(MAX_ROWS) for batch in batcher.add(_placed({}, number))) == MAX_ROWS
    big = "x" * (MAX_RAW_CHARS // 4)
    assert sum(batch.table.num_rows for number in range(4) for batch in batcher.add(_placed({}, number, raw=big))) == 4


def test_ever_new_names_make_more_batches_not_wider_ones() -> None:
    batches = _batches([_placed({f"n{number}_{column}": "x" for column in range(100)}, number) for number in range(100)])
    assert sum(batch.table.num_rows for batch in batches) == 100
    assert max(batch.table.num_columns for batch in batches) <= MAX_COLUMNS + len(RESERVED)


def test_a_batch_holds_at_least_a_row() -> None:
    with pytest.raises(ValueError, match="batch_rows is 0"):
        Batcher(0)
