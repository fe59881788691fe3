import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.ingest.identity import event_ids, host_name


@given(st.text(), st.integers(0, 2**63), st.text())
def test_an_id_is_32_hex_digits_and_the_same_each_time(name: str, row: int, raw: str) -> None:
    assert event_ids(name)(row, raw) == event_ids(name)(row, raw)
    assert len(event_ids(name)(row, raw)) == 32


def test_source_row_and_text_each_change_the_id() -> None:
    assert (
        len({event_ids("a")(1, "x"), event_ids("b")(1, "x"), event_ids("a")(2, "x"), event_ids("a")(1, "y"), event_ids("a1")(1, "x")}) == 5
    )


def test_any_text_has_an_id() -> None:
    assert event_ids("\udcff")(0, "\ud800")


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("DC01.example.org", "dc01"),
        ("\\\\FS01", "fs01"),
        (" PC-Anna. ", "pc-anna"),
        ("10.1.2.3", "10.1.2.3"),
        ("2001:DB8::0001", "2001:db8::1"),
        ("", ""),
        ("10.1.2.3.example.org", "10"),
    ],
)
def test_hosts_lose_case_and_domain_but_addresses_stay_whole(written: str, name: str) -> None:
    assert host_name(written) == name
