"""Short stories of signals, so that a test says only what matters in it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from watchkeeper.baseline import Baseline
from watchkeeper.correlation import Correlated, Knowledge, correlate
from watchkeeper.model.asset import Asset
from watchkeeper.model.signal import SIGNAL_SCHEMA

START = datetime(2025, 3, 3, 8, tzinfo=UTC)
Row = dict[str, object]


def make(rule: str, minute: float | None, host: str = "ws1", *, level: str = "medium", user: str = "", **more: Any) -> Row:
    """Give a signal; `entities` is a list of `kind:value`."""
    entities = [dict(zip(("kind", "value"), text.split(":", 1), strict=True)) for text in more.pop("entities", ())]
    row: Row = {
        "event_id": "e", "time": None if minute is None else START + timedelta(minutes=minute), "host": host, "user": user, "source": "x",
        "row": 0, "rule": rule, "title": rule, "level": level, "detector": "sigma", "techniques": [], "tactics": [], "entities": entities,
        "matches": [], "synthetic": False, **more,
    }  # fmt: skip
    return {"id": blake2b(repr(sorted(row.items())).encode(), digest_size=16).hexdigest(), **row}


def table_of(rows: Sequence[Row]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=SIGNAL_SCHEMA)


def everyday(hosts: int, hours: int, rules: Sequence[str] = ("logon", "script", "update")) -> list[Row]:
    """Give background: every rule on every host once an hour."""
    return [
        make(rule, 60 * hour + host + at, f"ws{host}", level="low")
        for hour in range(hours)
        for host in range(hosts)
        for at, rule in enumerate(rules)
    ]


def run(rows: Sequence[Row], learnt: Baseline | None = None) -> Correlated:
    return correlate(table_of(rows), learnt or Baseline.empty(), Knowledge(lambda host: Asset(name=host)))


@pytest.fixture(scope="session")
def story() -> SimpleNamespace:
    """What a story is told with: `signal`, `everyday`, `table`, `run`."""
    return SimpleNamespace(signal=make, everyday=everyday, table=table_of, run=run, start=START)
