"""Rows with the same values have the same number."""

from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.model.alike import alike

ROW = st.tuples(*[st.none() | st.sampled_from(["", "a", "b"])] * 3)


@given(rows=st.lists(ROW, max_size=20))
def test_rows_are_numbered_by_what_they_are_in_order(rows: list[Any]) -> None:
    which, first = alike([pa.array([row[at] for row in rows], pa.string()) for at in range(3)], len(rows))
    kinds = list(dict.fromkeys(rows))
    assert [kinds[number] for number in which.to_pylist()] == rows
    assert [rows[row] for row in first.to_pylist()] == kinds


def test_columns_of_many_different_values_stay_apart() -> None:
    columns = [pa.array([f"{column}-{row}" for row in range(500)]) for column in range(12)]
    assert alike(columns, 500).which.to_pylist() == list(range(500))


def test_without_columns_all_rows_are_alike() -> None:
    assert alike([], 3).which.to_pylist() == [0, 0, 0]
    assert alike([], 0).first.to_pylist() == []
