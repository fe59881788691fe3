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


_THING = pa.struct([pa.field("kind", pa.string()), pa.field("value", pa.string())])
_TEXT = st.sampled_from(["", ",", ":", "1:a", "a", "0:"])
_LIST = st.lists(_TEXT, max_size=3)
_THINGS = st.lists(st.fixed_dictionaries({"kind": _TEXT, "value": _TEXT}), max_size=2)


@given(rows=st.lists(st.tuples(st.none() | _LIST, st.none() | _THINGS), max_size=12), cut=st.integers(0, 2))
def test_lists_are_alike_if_all_in_them_is(rows: list[Any], cut: int) -> None:
    kinds = (pa.list_(pa.string()), pa.list_(_THING))
    columns = [pa.array([row[at] for row in rows], kind).slice(cut) for at, kind in enumerate(kinds)]
    which, first = alike(columns, len(rows[cut:]))
    examples = [rows[cut:][row] for row in first.to_pylist()]
    assert [examples[number] for number in which.to_pylist()] == rows[cut:]
    assert all(one not in examples[at + 1 :] for at, one in enumerate(examples))


def test_columns_of_many_different_values_stay_apart() -> None:
    columns = [pa.array([f"{column}-{row}" for row in range(500)]) for column in range(12)]
    assert alike(columns, 500).which.to_pylist() == list(range(500))


def test_without_columns_all_rows_are_alike() -> None:
    assert alike([], 3).which.to_pylist() == [0, 0, 0]
    assert alike([], 0).first.to_pylist() == []
