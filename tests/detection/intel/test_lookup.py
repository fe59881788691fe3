from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.detection.intel.canon import Defaults, indicators
from watchkeeper.detection.intel.formats import Entry
from watchkeeper.detection.intel.index import Index
from watchkeeper.detection.intel.lookup import Lookup, make_lookup, open_lookup, write_lookup

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def _lookup(*entries: Entry) -> Lookup:
    return make_lookup(indicators(entries, Defaults("feed"), NOW)[0])


_PAIRS = st.lists(st.tuples(st.sampled_from(["file", "user"]), st.sampled_from(["a", "b", "c", "d"])), max_size=12)


@given(_PAIRS, _PAIRS)
def test_a_value_is_found_where_it_is_and_nowhere_else(there: list[tuple[str, str]], asked: list[tuple[str, str]]) -> None:
    lookup = _lookup(*(Entry(kind, text) for kind, text in there))
    for pair, rows in zip(asked, lookup.find(asked), strict=True):
        assert [(lookup.row(row)["kind"], lookup.row(row)["value"]) for row in rows] == ([pair] if pair in there else [])


def test_equal_hashes_alone_are_no_match() -> None:
    lookup = _lookup(Entry("file", "a"), Entry("file", "b"))
    asked = lookup.index.find(["file\0a"])
    ((_, (row,)),) = asked
    other = 1 - row
    forged = replace(
        lookup,
        index=Index(np.repeat(lookup.index.keys[lookup.index.rows == row], 2), np.array([other, row], np.int32), lookup.index.secret),
    )
    assert forged.find([("file", "a")]) == [(row,)]


def test_what_was_taken_back_is_not_found() -> None:
    assert _lookup(Entry("file", "a", revoked=True), Entry("network", "203.0.113.0/24", revoked=True)).find(
        [("file", "a"), ("address", "203.0.113.1")]
    ) == [(), ()]


def test_it_is_the_same_from_disk_and_says_which_kinds_it_has(tmp_path: Path) -> None:
    write_lookup(_lookup(Entry("file", "a"), Entry("network", "203.0.113.0/24")), tmp_path)
    mapped = open_lookup(tmp_path)
    assert mapped.find([("file", "a"), ("address", "203.0.113.9")]) == [(0,), (1,)]
    assert mapped.kinds == {"file", "address"}


def test_a_damaged_folder_is_said(tmp_path: Path) -> None:
    write_lookup(_lookup(Entry("file", "a")), tmp_path)
    (tmp_path / "index-keys.npy").write_bytes(b"no array")
    with pytest.raises(ValueError, match="damaged"):
        open_lookup(tmp_path)
