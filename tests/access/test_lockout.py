"""Delays grow, have an end, and tell nothing of who exists."""

from datetime import timedelta

import pytest

from watchkeeper.access.lockout import counted, delay, network


def test_the_first_failures_are_free_and_then_the_wait_doubles() -> None:
    waits = [int(delay("login:x", failures).total_seconds()) for failures in (0, 4, 5, 6, 7, 8, 14, 15, 1000)]
    assert waits == [0, 0, 1, 2, 4, 8, 512, 900, 900]
    assert [delay("address:x", failures) for failures in (20, 21, 10**9)] == [timedelta(0), timedelta(seconds=1), timedelta(hours=1)]


@pytest.mark.parametrize(
    ("address", "counts_as"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
        ("x" * 1000, "x" * 64),
    ],
)
def test_an_address_counts_with_all_that_one_person_has(address: str, counts_as: str) -> None:
    assert network(address) == counts_as


def test_what_was_typed_as_a_login_cannot_be_read_from_its_name() -> None:
    login, address = counted("hunter2\udcff", "192.0.2.7")
    assert ("hunter" in login, len(login) <= 80, address) == (False, True, "address:192.0.2.7")
