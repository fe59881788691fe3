"""What was observed is found again by exact value, by the domain above, and by network; hits are told by value, host and folder."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.lake import Observed, ObservedWriter
from watchkeeper.model.observed import OBSERVED_SCHEMA

NOW = datetime(2026, 6, 1, tzinfo=UTC)
NO_NETWORKS = pa.table({"start": pa.array([0], pa.int64()), "inside": pa.array([False])})


def _row(kind: str, value: str, host: str = "pc1", first: int | None = 0, last: int | None = 0, count: int = 1) -> dict[str, object]:
    times = {name: None if seconds is None else NOW + timedelta(seconds=seconds) for name, seconds in (("first", first), ("last", last))}
    return {
        "kind": kind,
        "value": value,
        "host": host,
        "count": count,
        **times,
        "event_id": f"e{first}",
        "source": "log",
        "row": first or 0,
    }


def _write(folder: Path, *rows: dict[str, object], series: str = "") -> None:
    ObservedWriter(folder, series).add(pa.Table.from_pylist(list(rows), schema=OBSERVED_SCHEMA))


def _wanted(*pairs: tuple[str, str]) -> pa.Table:
    return pa.table(
        {"kind": pa.array([kind for kind, _ in pairs], pa.string()), "value": pa.array([value for _, value in pairs], pa.string())}
    )


def _named(observed: Observed, wanted: pa.Table, networks: pa.Table = NO_NETWORKS) -> set[tuple[str, str]]:
    return {(row["kind"], row["value"]) for row in observed.named(wanted, networks).to_pylist()}


def test_values_are_found_by_themselves_and_domains_by_those_above(tmp_path: Path) -> None:
    _write(tmp_path, _row("hash", "aa"), _row("file", "aa"), _row("domain", "a.b.bad.example"), _row("domain", "notbad.example"))
    observed = Observed([tmp_path])
    assert _named(observed, _wanted(("hash", "aa"), ("domain", "bad.example"), ("user", "x"))) == {
        ("hash", "aa"),
        ("domain", "a.b.bad.example"),
    }
    observed.close()


@given(st.sets(st.integers(0, 40), max_size=8), st.integers(0, 40), st.integers(0, 10))
def test_addresses_are_found_in_the_pieces_where_a_network_is(
    tmp_path_factory: pytest.TempPathFactory, numbers: set[int], start: int, length: int
) -> None:
    folder = tmp_path_factory.mktemp("observed")
    first = 3_000_000_000
    _write(folder, *(_row("address", str(ip_address(first + number))) for number in numbers), _row("address", "2001:db8::1"))
    edges = [0, first + start, first + start + length + 1]
    networks = pa.table({"start": pa.array(edges, pa.int64()), "inside": pa.array([False, True, False])})
    observed = Observed([folder])
    assert _named(observed, _wanted(), networks) == {
        ("address", str(ip_address(first + number))) for number in numbers if start <= number <= start + length
    }
    observed.close()


def test_every_address_of_ipv6_is_given_where_a_network_of_ipv6_is_wanted(tmp_path: Path) -> None:
    _write(tmp_path, _row("address", "2001:db8::1"))
    observed = Observed([tmp_path])
    assert _named(observed, _wanted(("network", "2001:db9::/32"))) == {("address", "2001:db8::1")}
    assert _named(observed, _wanted(("network", "10.0.0.0/8"))) == set()
    observed.close()


def test_sightings_join_parts_and_stay_apart_by_host_and_folder(tmp_path: Path) -> None:
    _write(tmp_path / "a", _row("hash", "aa", first=5, last=9, count=2), _row("hash", "bb"), series="0")
    _write(tmp_path / "a", _row("hash", "aa", first=3, last=4, count=3), _row("hash", "aa", "pc2", None, None), series="1")
    _write(tmp_path / "b", _row("hash", "aa", first=7, last=7))
    observed = Observed([tmp_path / "a", tmp_path / "b", tmp_path / "nothing"])
    rows = observed.sightings(_wanted(("hash", "aa"))).to_pylist()
    told = [
        (Path(row["folder"]).name, row["host"], row["count"], row["first"] and (row["first"] - NOW).seconds, row["event_id"], row["row"])
        for row in rows
    ]
    assert told == [("a", "pc1", 5, 3, "e3", 3), ("b", "pc1", 1, 7, "e7", 7), ("a", "pc2", 1, None, "eNone", 0)]
    observed.close()


def test_no_parts_answer_with_nothing_and_an_empty_table_is_no_part(tmp_path: Path) -> None:
    ObservedWriter(tmp_path).add(OBSERVED_SCHEMA.empty_table())
    observed = Observed([tmp_path])
    assert observed.named(_wanted(("hash", "aa")), NO_NETWORKS).num_rows == 0
    assert observed.sightings(_wanted(("hash", "aa"))).num_rows == 0
    observed.close()


def test_a_damaged_part_is_said(tmp_path: Path) -> None:
    (tmp_path / "part-00000.parquet").write_bytes(b"PAR1 no parquet")
    with pytest.raises(ValueError, match="investigate the evidence again"):
        Observed([tmp_path])
