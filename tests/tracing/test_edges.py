"""Edges taken from columns are those that the families show of each event; who is who can be told from them."""

import os
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest

from watchkeeper.ingest import read
from watchkeeper.model.batch import RESERVED, Batch
from watchkeeper.model.edges import EDGES, THINGS, thing_id
from watchkeeper.model.event import Event
from watchkeeper.model.logsource import LogSource
from watchkeeper.tracing.addresses import Addresses
from watchkeeper.tracing.edges import HAS, IS, Extraction, Unresolved
from watchkeeper.tracing.families import facts
from watchkeeper.tracing.families.pattern import Cast

DATA = Path(os.environ.get("WATCHKEEPER_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
SETS = ("otrf/compound/Log4Shell", "otrf/compound/GoldenSAMLADFSMailAccess", "zeek/apt29.zip", "otrf/atomic/windows/lateral_movement")


def _events(batch: Batch) -> list[Event]:
    told = batch.table.select(RESERVED.names).to_pylist()
    return [
        Event(
            id=row["_id"], time=row["_time"], host=row["_host"], source=row["_source"], row=row["_row"], logsource=batch.logsource,
            fields={name: value if isinstance(value, str) else tuple(value) for name, value in fields.items()},
        )
        for row, fields in zip(told, batch.rows(), strict=True)
    ]  # fmt: skip


@pytest.mark.parametrize("name", SETS)
def test_the_edges_are_those_the_families_show(name: str) -> None:
    if not (DATA / name).exists():
        pytest.skip(f"{name} is not at hand; set WATCHKEEPER_DATA")
    extraction, cast = Extraction(), Cast(Unresolved(), Addresses(()))
    count = 0
    for batch in read([DATA / name]):
        if not isinstance(batch, Batch) or count > 20_000:
            continue
        edges, things = extraction.of(batch)
        found = Counter((row["source"], row["target"], row["kind"], row["row"], row["time"]) for row in edges.to_pylist())
        shown = [(place, fact) for place, event in enumerate(_events(batch)) for fact in facts((event,), cast)]
        wanted = Counter((thing_id(f.source.key), thing_id(f.target.key), f.kind, place, f.event.time) for place, f in shown)
        assert Counter({edge: number for edge, number in found.items() if edge[2] not in {IS, HAS}}) == wanted
        keys = dict(zip(things.column("id").to_pylist(), things.column("key").to_pylist(), strict=True))
        assert all(thing_id(key) == number for number, key in keys.items())
        assert {end for edge in found for end in edge[:2]} <= set(keys)
        count += batch.table.num_rows
    assert count


def _batch(number: str, host: str, **fields: str) -> Batch:
    row = {"_id": "0" * 32, "_time": None, "_host": host, "_source": "a", "_row": 0, "_raw": ""}
    table = pa.Table.from_pylist([row], schema=RESERVED)
    for name, value in fields.items():
        table = table.append_column(name, pa.array([value], pa.string()))
    return Batch(LogSource(product="windows", service="Microsoft-Windows-Sysmon/Operational", event_type=number), table)


def _read(batch: Batch) -> set[tuple[str, str, str]]:
    edges, things = Extraction().of(batch)
    assert edges.schema == EDGES
    assert things.schema == THINGS
    keys = dict(zip(things.column("id").to_pylist(), things.column("key").to_pylist(), strict=True))
    return {(keys[row["source"]], row["kind"], keys[row["target"]]) for row in edges.to_pylist()}


def test_a_start_tells_whose_id_it_was() -> None:
    start = _batch("1", "ws7", ProcessGuid="{A-1}", ProcessId="0x2a", Image=r"C:\Users\eva\x.exe")
    assert ("process|ws7|{a-1}", IS, "process|ws7|42") in _read(start)


def test_a_connection_tells_which_address_its_host_has() -> None:
    out = _batch("3", "ws7", ProcessGuid="{A-1}", ProcessId="42", SourceIp="10.0.0.7", DestinationIp="203.0.113.5", Initiated="true")
    assert ("host|ws7", HAS, "address|10.0.0.7") in _read(out)
    assert ("process|ws7|{a-1}", "connected", "address|203.0.113.5") in _read(out)


def test_an_event_that_shows_nothing_has_no_edges() -> None:
    assert not _read(_batch("255", "ws7", ID="x"))
