"""Stored events say what the schema says of them, in one shape."""

from datetime import UTC, date, datetime
from typing import Any

import pyarrow
import pytest

from watchkeeper.model.batch import RESERVED, Batch
from watchkeeper.model.logsource import LogSource
from watchkeeper.model.stored import STORED_SCHEMA
from watchkeeper.schema import stored, view
from watchkeeper.schema.storing import FEW_ROWS

pa: Any = pyarrow
CAME = 1_767_323_045_000_000
SYSMON = LogSource(product="windows", service="Microsoft-Windows-Sysmon/Operational", event_type="1")


def batch(source: LogSource, *rows: dict[str, Any]) -> Batch:
    reserved = [
        {"_id": f"{place:032x}", "_time": None, "_host": "pc7", "_source": "edge", "_row": place, "_raw": "{}"}
        for place in range(len(rows))
    ]
    names = dict.fromkeys(name for row in rows for name in row if not name.startswith("_"))
    schema = pa.schema([*RESERVED, *(pa.field(name, pa.string()) for name in names)])
    return Batch(source, pa.Table.from_pylist([{**one, **row} for one, row in zip(reserved, rows, strict=True)], schema=schema))


def test_an_event_is_kept_with_what_people_search_by() -> None:
    time = datetime(2020, 9, 1, 23, 59, tzinfo=UTC)
    image = {"Image": "C:\\a.exe", "ProcessId": "12", "User": "CORP\\ann", "Hashes": "MD5=AB,SHA256=CD"}
    one = batch(SYSMON, {"_time": time, **image})
    table = stored(one, "acme", CAME)
    assert table.schema == STORED_SCHEMA
    row = table.to_pylist()[0]
    assert (row["_tenant"], row["_day"], row["_time"], row["_host"]) == ("acme", date(2020, 9, 1), time, "pc7")
    assert (row["process.file.path"], row["process.pid"], row["actor.user.name"]) == ("C:\\a.exe", 12, "ann")
    assert row["file.hashes.value"] == ["ab", "cd"]
    assert row["_fields"] == '{"Image":"C:\\\\a.exe","ProcessId":"12","User":"CORP\\\\ann","Hashes":"MD5=AB,SHA256=CD"}'


def test_an_event_without_a_time_is_of_the_day_it_came() -> None:
    row = stored(batch(SYSMON, {"Image": "a"}), "acme", CAME).to_pylist()[0]
    assert row["_time"] is None
    assert row["_day"] == date(2026, 1, 2)
    assert row["_received"] == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_whatever_the_log_source_a_column_says_what_the_view_says() -> None:
    for source in (SYSMON, LogSource(product="windows", service="Security", event_type="4624"), LogSource(product="zeek", service="conn")):
        one = batch(source, {"id.orig_h": "10.0.0.1", "TargetUserName": "ann", "IpAddress": "::ffff:10.1.1.1"}, {"IpAddress": "-"})
        kept, seen = stored(one, "acme", CAME), view(one)
        for name in ("src_endpoint.ip", "user.name", "class_uid", "status", "activity_name"):
            assert kept.column(name).to_pylist() == (seen.column(name).to_pylist() if name in seen.column_names else [None, None])


@pytest.mark.parametrize(
    "source",
    [
        SYSMON,
        LogSource(product="windows", service="Security", event_type="4624"),
        LogSource(product="linux", service="sshd", event_type="failed"),
    ],
)
def test_few_events_are_kept_as_many_are(source: LogSource) -> None:
    fields = {
        "Image": "C:\\\\a.exe",
        "ProcessId": "0x1f",
        "User": "CORP\\\\ann",
        "Hashes": "MD5=AB,sha1=CD,MD5=AB",
        "IpAddress": "x",
        "IpPort": "0",
        "src_ip": "1.2.3.4",
    }
    rows = [fields, {"Image": "-", "TargetUserName": ""}, {"Hashes": ",", "SHA256": "EF"}]
    few = stored(batch(source, *rows), "acme", CAME).to_pylist()
    many = stored(batch(source, *rows * FEW_ROWS), "acme", CAME).to_pylist()[: len(rows)]
    assert few == many


def test_no_events_are_an_empty_table() -> None:
    assert stored(batch(SYSMON), "acme", CAME).num_rows == 0
