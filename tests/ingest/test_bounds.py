import pytest

from watchkeeper.ingest import bounds
from watchkeeper.ingest.bounds import Budget, ExcessError


def test_members_are_counted_to_the_bound() -> None:
    budget = Budget(10, members=bounds.MAX_MEMBERS - 1)
    budget.member()
    with pytest.raises(ExcessError, match="members"):
        budget.member()


def test_the_ratio_counts_only_beyond_what_is_free() -> None:
    budget = Budget(10)
    budget.expand(bounds.RATIO_FREE_BYTES)
    with pytest.raises(ExcessError, match="times its size"):
        budget.expand(1)


def test_a_large_file_may_expand_far_but_not_for_ever() -> None:
    budget = Budget(bounds.MAX_EXPANDED_BYTES)
    budget.expand(bounds.MAX_EXPANDED_BYTES)
    with pytest.raises(ExcessError, match="GiB"):
        budget.expand(1)
