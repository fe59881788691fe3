"""A line that may be another product's is odd by one of its members."""

import numpy as np
import pytest

from watchkeeper.ingest.hot import kernels_events as kernels
from watchkeeper.ingest.hot.names import BESIDE, PLAIN_MARKS, ROOT, Names
from watchkeeper.ingest.hot.values import hash_of
from watchkeeper.ingest.known_records import marking_names, marks_of

SECRET = np.arange(1, 13, 2).astype(np.uint64)


def _flags(names: Names, container: int, name: str) -> int:
    h0, h1 = hash_of(name.encode(), np.uint64(container + 1), SECRET)
    found = np.flatnonzero((names.table[:, 0] == h0) & (names.table[:, 1] == h1))
    return int(names.values[found[0], 2]) if len(found) else -1


@pytest.mark.parametrize("name", sorted(marking_names() - PLAIN_MARKS))
def test_a_member_that_marks_a_record_is_odd(name: str) -> None:
    assert _flags(Names(SECRET), ROOT, name) & kernels.ODD_NAME


@pytest.mark.parametrize("name", sorted(PLAIN_MARKS))
def test_a_member_that_winlogbeat_writes_too_marks_only_beside_an_odd_one(name: str) -> None:
    names = Names(SECRET)
    for mark in marks_of(name):
        outer = {path for path in mark if "." not in path or not path.startswith("event.")}
        inner = {path.removeprefix("event.") for path in mark if path.startswith("event.")}
        odd = outer & (BESIDE | (marking_names() - PLAIN_MARKS))
        foreign = {path for path in inner if _flags(names, kernels.EVENT, path) < 0}
        assert odd or foreign, mark


def test_a_native_field_has_the_same_number_again_and_its_keys() -> None:
    names = Names(SECRET)
    computer = names.native(kernels.FLAT, "Computer")
    assert names.native(kernels.FLAT, "Computer") == computer
    assert names.native(kernels.NESTED, "Computer") != computer
    assert names.natives_at[computer + 1] - names.natives_at[computer] == 5
