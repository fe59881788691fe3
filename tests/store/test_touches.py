"""What two actions may both act on is found without reading them, however it is written."""

from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.model.entity import Entity
from watchkeeper.store.touches import may_meet, touches


def addresses(*values: str) -> bytes:
    return touches(Entity(kind="address", value=value) for value in values)


def test_another_spelling_is_no_other_thing() -> None:
    assert may_meet(addresses("203.0.113.5", "203.0.113.6"), addresses(" 203.0.113.6/32"))
    assert may_meet(touches([Entity(kind="host", value="PC1")]), touches([Entity(kind="host", value="pc1.")]))
    assert not may_meet(addresses("203.0.113.5"), addresses("203.0.113.6"))
    assert not may_meet(addresses(), addresses("203.0.113.6"))
    assert not may_meet(touches([Entity(kind="host", value="a")]), touches([Entity(kind="user", value="a")]))


@given(st.sets(st.text(), max_size=20), st.sets(st.text(), max_size=20))
def test_whatever_two_have_in_common_is_found(some: set[str], others: set[str]) -> None:
    kept = [touches(Entity(kind="file", value=value) for value in values) for values in (some, others)]
    common = {value.strip() for value in some} & {value.strip() for value in others}
    assert may_meet(*kept) == bool(common)
