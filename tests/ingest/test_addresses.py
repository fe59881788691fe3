"""Which end of a connection a record is about."""

import pytest

from watchkeeper.ingest.addresses import canonical, inside_end, is_private


@pytest.mark.parametrize(
    ("originator", "responder", "about"),
    [
        ("10.0.0.1", "203.0.113.5", "10.0.0.1"),
        ("203.0.113.5", "10.0.0.1", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.2", "10.0.0.1"),
        ("203.0.113.5", "198.51.100.1", "203.0.113.5"),
        ("2001:db8::1", "fe80::1", "fe80::1"),
        ("0.0.0.0", "10.0.0.2", "10.0.0.2"),  # noqa: S104 -- an address in a record, nothing listens on it
        ("10.0.0.1", "", "10.0.0.1"),
        ("odd", "text", "odd"),
    ],
)
def test_the_inside_end_is_the_one_to_look_at(originator: str, responder: str, about: str) -> None:
    assert inside_end(originator, responder) == about


def test_addresses_reserved_for_texts_are_outside() -> None:
    assert not is_private("192.0.2.1")
    assert is_private("172.31.255.1")


def test_equal_addresses_are_spelt_equally() -> None:
    assert canonical("2001:DB8:0:0::1") == "2001:db8::1"
    assert canonical("Not-An-Address") == "not-an-address"
