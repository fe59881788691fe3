import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.ingest.identity import EventIds, host_name


@given(st.text(), st.integers(0, 2**63), st.text())
def test_an_id_is_32_hex_digits_and_the_same_each_time(name: str, row: int, raw: str) -> None:
    assert EventIds(name).of(row, raw) == EventIds(name).of(row, raw)
    assert len(EventIds(name).of(row, raw)) == 32


def test_source_row_and_text_each_change_the_id() -> None:
    events = [("a", 1, "x"), ("b", 1, "x"), ("a", 2, "x"), ("a", 1, "y"), ("a1", 1, "x")]
    assert len({EventIds(source).of(row, raw) for source, row, raw in events}) == 5


@given(st.lists(st.tuples(st.integers(0, 2**62), st.text(st.characters(codec="utf-8"))), max_size=5))
def test_ids_of_many_are_those_of_each(events: list[tuple[int, str]]) -> None:
    rows, raw = pa.array([row for row, _ in events], pa.int64()), pa.array([text for _, text in events], pa.string())
    assert EventIds("a").of_all(rows, raw).to_pylist() == [EventIds("a").of(row, text) for row, text in events]


def test_any_text_has_an_id() -> None:
    assert EventIds("\udcff").of(0, "\ud800")


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
