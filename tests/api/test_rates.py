"""Buckets empty and fill, and so many are known at most."""

from watchkeeper.api.rates import Rate, Rates


def test_a_bucket_empties_and_fills() -> None:
    now = [0.0]
    rates = Rates(Rate(burst=2, a_second=0.5), lambda: now[0])
    assert [rates.wait("a") for _ in range(3)] == [0, 0, 2]
    now[0] = 1.0
    assert rates.wait("a") == 1
    now[0] = 2.0
    assert [rates.wait("a"), rates.wait("a")] == [0, 2]
    assert rates.wait("b") == 0, "each has a bucket of their own"


def test_who_asked_longest_ago_is_forgotten_first() -> None:
    rates = Rates(Rate(burst=1, a_second=0.001), lambda: 0.0, most=2)
    assert [rates.wait(who) > 0 for who in ("a", "b", "a", "c", "a", "b")] == [False, False, True, False, True, False]
