"""What tests of stored edges share: edges to store, and what a reader must find of them, worked out without any index."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import strategies as st

from watchkeeper.lake import EdgeWriter
from watchkeeper.model.edges import EDGES, THINGS, Around, thing_id
from watchkeeper.model.stored import STORED_SCHEMA

BEGAN = datetime(2025, 3, 1, tzinfo=UTC)
Edge = tuple[str, str, str, int | None, int]
"""Source, target, kind, second, row."""
THINGS_NAMED = tuple(f"process|ws{number % 2}|{number}" for number in range(6))
one_edge = st.tuples(
    st.sampled_from(THINGS_NAMED), st.sampled_from(THINGS_NAMED), st.sampled_from(("started", "wrote")), st.none() | st.integers(0, 9),
    st.integers(0, 4),
)  # fmt: skip
parts = st.lists(st.lists(one_edge, max_size=8), min_size=1, max_size=20)


def moment(second: int | None) -> datetime | None:
    return None if second is None else BEGAN + timedelta(seconds=second)


def shown(edges: Sequence[Edge]) -> tuple[pa.Table, pa.Table]:
    keys = sorted({key for edge in edges for key in edge[:2]})
    columns = list(zip(*edges, strict=True)) or [()] * 5
    table = pa.table(
        {
            "source": pa.array([thing_id(key) for key in columns[0]], pa.uint64()),
            "target": pa.array([thing_id(key) for key in columns[1]], pa.uint64()),
            "kind": pa.array(columns[2], pa.string()),
            "time": pa.array([moment(second) for second in columns[3]], pa.timestamp("us", tz="UTC")),
            "row": pa.array(columns[4], pa.int64()),
        },
        schema=EDGES,
    )
    names = {"id": pa.array([thing_id(key) for key in keys], pa.uint64()), "key": keys, "label": [f"{key[-1]}.exe" for key in keys]}
    return table, pa.table(names, schema=THINGS)


def written(folder: Path, stored: Sequence[Sequence[Edge]]) -> None:
    writer = EdgeWriter(folder)
    for number, edges in enumerate(stored):
        writer.add(shown(edges), 0)
        writer.flush(f"part-{number:05d}.parquet", 5)


def wanted(stored: Sequence[Sequence[Edge]], thing: str, around: Around) -> list[tuple[str, str, str, datetime | None, str, int]]:
    """Give every edge that a reader must find, in no order and without its limit."""
    found = [(*edge, f"part-{number:05d}.parquet") for number, edges in enumerate(stored) for edge in edges]
    mine = [edge for edge in found if edge[1 if around.back else 0] == thing and _within(moment(edge[3]), around)]
    return [(edge[0], edge[1], edge[2], moment(edge[3]), edge[5], edge[4]) for edge in mine]


def _within(time: datetime | None, around: Around) -> bool:
    if time is None:
        return around.end is None
    return (around.start is None or time >= around.start) and (around.end is None or time <= around.end)


def read(table: pa.Table, keys: Iterable[str] = THINGS_NAMED) -> list[tuple[str, str, str, datetime | None, str, int]]:
    names = {thing_id(key): key for key in keys}
    return [(names[row["source"]], names[row["target"]], *list(row.values())[2:]) for row in table.to_pylist()]


@pytest.fixture(scope="session")
def made() -> SimpleNamespace:
    functions = (moment, read, shown, wanted, written)
    moments = st.none() | st.integers(0, 9).map(moment)
    return SimpleNamespace(**{function.__name__: function for function in functions}, THINGS=THINGS_NAMED, parts=parts, moments=moments)


def stored(*rows: dict[str, Any]) -> pa.Table:
    """Give rows of the event table; what a row does not say is as in a small Windows event that came a second after it happened."""
    filled = [_filled(number, row) for number, row in enumerate(rows)]
    return pa.Table.from_pylist(filled, schema=STORED_SCHEMA)


def _filled(number: int, row: dict[str, Any]) -> dict[str, Any]:
    time: datetime | None = row.get("_time", BEGAN + timedelta(seconds=number))
    received: datetime = row.get("_received", (time or BEGAN) + timedelta(seconds=1))
    usual = {
        "_tenant": "default", "_day": (time or received).date(), "_id": f"{number:032x}", "_time": time, "_host": "ws1",
        "_source": "edge", "_row": number,
        "_raw": '{"EventID":"1","Image":"C:\\\\a.exe"}', "_received": received, "_product": "windows",
        "_service": "Microsoft-Windows-Sysmon/Operational", "_event_type": "1", "_fields": None,
    }  # fmt: skip
    return {**usual, **row}


@pytest.fixture(scope="session")
def events() -> SimpleNamespace:
    return SimpleNamespace(stored=stored, BEGAN=BEGAN, day=date(2025, 3, 1))
