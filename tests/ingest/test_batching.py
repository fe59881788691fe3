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


def test_no_value_depends_on_what_stands_beside_it_and_absence_is_null() -> None:
    rows: list[dict[str, Value]] = [{"a": "x"}, {"a": ["y", "z"], "b": "1"}, {"b": "2", "c": ["3"]}, {"a": ["w"]}]
    batches = _batches([_placed(fields) for fields in rows])
    assert [list(batch.rows()) for batch in batches] == [[{"a": "x"}, {"b": "2", "c": ["3"]}], [{"a": ["y", "z"], "b": "1"}, {"a": ["w"]}]]


def test_names_that_begin_with_an_underscore_make_room_for_ours_and_for_those_that_do_not() -> None:
    (batch,) = _batches([_placed({"_id": "theirs", "__": "x"}), _placed({"id": "other"})])
    assert list(batch.rows()) == [{"id_": "theirs", "field": "x"}, {"id": "other"}]
    (alone,) = _batches([_placed({"_id": "theirs"})])
    assert list(alone.rows()) == [{"id": "theirs"}]


def test_what_is_held_is_bounded_in_rows_and_in_text() -> None:
    batcher = Batcher(MAX_ROWS * 2)
    assert sum(batch.table.num_rows for number in range(MAX_ROWS) for batch in batcher.add(_placed({}, number))) == MAX_ROWS
    big = "x" * (MAX_RAW_CHARS // 4)
    assert sum(batch.table.num_rows for number in range(4) for batch in batcher.add(_placed({}, number, raw=big))) == 4


def test_a_rare_log_source_waits_while_the_large_ones_are_handed_on() -> None:
    batcher = Batcher(MAX_ROWS)
    placed = [_placed({}, number, service="rare" if number % 1_000 == 0 else str(number % 2)) for number in range(3 * MAX_ROWS)]
    made = [batch for one in placed for batch in batcher.add(one)]
    assert {batch.logsource.service for batch in made} == {"0", "1"}
    assert min(batch.table.num_rows for batch in made) > MAX_ROWS // 4
    last = list(batcher.flush())
    assert last[0].logsource.service == "rare"
    assert sum(batch.table.num_rows for batch in made + last) == len(placed)
    assert list(batcher.flush()) == []


def test_long_texts_of_a_rare_log_source_do_not_wait() -> None:
    batcher = Batcher(MAX_ROWS)
    placed = [_placed({}, number) for number in range(1_000)]
    placed += [_placed({}, number, service="long", raw="x" * (MAX_RAW_CHARS // 8)) for number in range(1_000, 1_008)]
    (made,) = [batch for one in placed for batch in batcher.add(one)]
    assert (made.logsource.service, made.table.num_rows) == ("long", 8)


def test_ever_new_names_make_more_batches_not_wider_ones() -> None:
    batches = _batches([_placed({f"n{number}_{column}": "x" for column in range(100)}, number) for number in range(100)])
    assert sum(batch.table.num_rows for batch in batches) == 100
    assert max(batch.table.num_columns for batch in batches) <= MAX_COLUMNS + len(RESERVED)


def test_a_batch_holds_at_least_a_row() -> None:
    with pytest.raises(ValueError, match="batch_rows is 0"):
        Batcher(0)
