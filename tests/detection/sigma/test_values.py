"""What counts as a number, a time and an address."""

import pytest

from watchkeeper.detection.sigma.values import address, network, number, time_part, within


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7),
        ("-7", -7),
        ("007", 7),
        ("1.50", 1.5),
        ("0x1F", 31),
        ("1e3", 1000),
        ("18446744073709551615", 2**64 - 1),
        ("", None),
        ("seven", None),
        ("nan", None),
        ("inf", None),
        ("7 apples", None),
        ("0xZ", None),
    ],
)
def test_numbers(text: str, value: float | None) -> None:
    assert number(text) == value


@pytest.mark.parametrize(
    ("text", "hour"),
    [("2024-02-01T23:05:59Z", 23), ("2024-02-01 23:05:59.1234567", 23), ("2024-02-01T23:00:00+02:00", 21), ("0", 0), ("soon", None)],
)
def test_times_are_read_in_utc(text: str, hour: int | None) -> None:
    assert time_part(text, "hour") == hour


def test_a_week_is_that_of_the_iso_calendar() -> None:
    assert time_part("2021-01-01T00:00:00Z", "week") == 53


@pytest.mark.parametrize(
    ("text", "value"), [("::ffff:10.0.0.1", "10.0.0.1"), ("[2001:DB8::1]", "2001:db8::1"), ("fe80::1%3", "fe80::1"), ("10.0.0", None)]
)
def test_addresses(text: str, value: str | None) -> None:
    found = address(text)
    assert (None if found is None else str(found)) == value


def test_an_address_of_another_family_is_not_within() -> None:
    assert within(network("::/0"))("2001:db8::1")
    assert not within(network("::/0"))("10.0.0.1")
