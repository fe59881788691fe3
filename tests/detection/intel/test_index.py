from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.detection.intel.index import Index, index_of, make_index, map_arrays, write_arrays


@given(st.lists(st.text(max_size=4), max_size=30), st.lists(st.text(max_size=4), max_size=30))
def test_every_text_that_is_there_is_found_with_all_its_rows(texts: list[str], asked: list[str]) -> None:
    index = make_index(texts, range(len(texts)))
    found = dict(index.find(asked))
    for at, text in enumerate(asked):
        assert {row for row, one in enumerate(texts) if one == text} <= set(found.get(at, ()))


def test_it_is_the_same_when_it_was_written_and_mapped(tmp_path: Path) -> None:
    index = make_index(["a", "b", "a"], [5, 6, 7])
    write_arrays(index.arrays(), tmp_path, "x")
    mapped = index_of(map_arrays(tmp_path, "x", ("keys", "rows", "secret")))
    assert isinstance(mapped.keys, np.memmap)
    assert {at: sorted(rows) for at, rows in mapped.find(["c", "a"])} == {1: [5, 7]}


def test_texts_that_meet_in_a_hash_are_both_given_to_be_compared() -> None:
    index = make_index(["a"], [5])
    met = Index(np.repeat(index.keys, 2), np.array([5, 9], np.int32), index.secret)
    assert list(met.find(["a"])) == [(0, [5, 9])]


def test_a_damaged_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "x-keys.npy").write_bytes(b"")
    with pytest.raises(ValueError, match=r"ends early|magic"):
        map_arrays(tmp_path, "x", ("keys",))
