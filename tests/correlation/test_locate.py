"""A signal that names an address belongs to the host that held it then."""

from datetime import UTC, datetime

import pyarrow as pa

from watchkeeper.correlation.locate import located
from watchkeeper.model.signal import SIGNAL_SCHEMA

NOON = datetime(2024, 1, 2, 12, tzinfo=UTC)
MICRO = int(NOON.timestamp()) * 1_000_000


def signals(*rows: tuple[str, list[tuple[str, str]]]) -> pa.Table:
    empty: dict[str, object] = dict.fromkeys(SIGNAL_SCHEMA.names, "")
    made = [
        {
            **empty,
            **{field.name: [] for field in SIGNAL_SCHEMA if pa.types.is_list(field.type)},
            "time": NOON,
            "row": 0,
            "synthetic": False,
            "level": "low",
            "host": host,
            "entities": [{"kind": kind, "value": value} for kind, value in entities],
        }
        for host, entities in rows
    ]
    return pa.Table.from_pylist(made, schema=SIGNAL_SCHEMA)


def _holder(address: str, time: int | None) -> str | None:
    return "ws7" if address == "10.0.0.7" and time == MICRO else None


def test_the_host_takes_the_place_of_its_address() -> None:
    table = located(signals(("10.0.0.7", [("host", "10.0.0.7"), ("address", "203.0.113.5")])), _holder)
    assert table.column("host").to_pylist() == ["ws7"]
    assert table.column("entities").to_pylist() == [[{"kind": "host", "value": "ws7"}, {"kind": "address", "value": "203.0.113.5"}]]
    assert table.schema == SIGNAL_SCHEMA


def test_without_a_host_the_first_address_that_somebody_held_counts() -> None:
    table = located(signals(("", [("address", "203.0.113.5"), ("address", "10.0.0.7")]), ("ws1", [("address", "10.0.0.7")])), _holder)
    assert table.column("host").to_pylist() == ["ws7", "ws1"]


def test_what_nobody_held_stays() -> None:
    before = signals(("10.0.0.8", [("host", "10.0.0.8")]), ("", []))
    assert located(before, _holder).equals(before)
