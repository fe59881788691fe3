"""The exact bound: known values, what it must grow with, and that it covers the truth as often as it says."""

from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.triage.bound import needed, upper_bound


@pytest.mark.parametrize(
    ("misses", "closed", "bound"),
    [(0, 598, 1 - 0.05 ** (1 / 598)), (0, 10, 1 - 0.05**0.1), (1, 20, 0.216106), (3, 3, 1.0), (0, 0, 1.0)],
)
def test_it_gives_the_values_of_the_tables(misses: int, closed: int, bound: float) -> None:
    assert upper_bound(misses, closed) == pytest.approx(bound, abs=1e-5)


@given(st.integers(0, 20), st.integers(1, 300))
def test_at_the_bound_so_few_misses_have_one_chance_in_twenty(misses: int, more: int) -> None:
    closed = misses + more
    share = upper_bound(misses, closed)
    assert sum(comb(closed, count) * share**count * (1 - share) ** (closed - count) for count in range(misses + 1)) == pytest.approx(
        0.05, abs=1e-6
    )


def test_half_a_percent_needs_598_without_and_947_with_one_miss() -> None:
    assert (needed(0, 0.005), needed(1, 0.005)) == (598, 947)
    assert upper_bound(0, 597) >= 0.005 > upper_bound(0, 598)
    assert upper_bound(1, 946) >= 0.005 > upper_bound(1, 947)


@given(st.integers(0, 30), st.integers(1, 3000))
def test_more_misses_raise_it_and_more_closed_lower_it(misses: int, closed: int) -> None:
    closed += misses
    assert upper_bound(misses, closed) <= upper_bound(misses + 1, closed)
    assert upper_bound(misses, closed + 1) <= upper_bound(misses, closed) + 1e-9
    assert upper_bound(misses, closed) >= misses / closed


@pytest.mark.parametrize("share", [0.005, 0.02, 0.2])
def test_it_is_too_low_in_at_most_five_of_a_hundred_worlds(share: float) -> None:
    seen = np.random.default_rng(5).binomial(700, share, 4000)
    bounds = {int(misses): upper_bound(int(misses), 700) for misses in set(seen)}
    assert np.mean([bounds[int(misses)] < share for misses in seen]) <= 0.05 + 3 * (0.05 * 0.95 / 4000) ** 0.5
