"""The view of written events of every product, told from its recorded form, and what holds for any batch."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.model.batch import RESERVED, Batch, Value
from watchkeeper.model.logsource import LogSource
from watchkeeper.schema import ecs, nested, view
from watchkeeper.schema.mapping import products

CASES = sorted((Path(__file__).parent.parent / "cases" / "schema").iterdir())
START = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)


def batch_of(source: LogSource, rows: list[dict[str, Value]]) -> Batch:
    count = len(rows)
    columns: dict[str, object] = {
        "_id": [f"{row:032x}" for row in range(count)],
        "_time": [START + timedelta(seconds=row) for row in range(count)],
        "_host": ["h1"] * count,
        "_source": ["log"] * count,
        "_row": list(range(count)),
        "_raw": [json.dumps(row) for row in rows],
    }
    table = pa.table({name: pa.array(columns[name], kind) for name, kind in zip(RESERVED.names, RESERVED.types, strict=True)})
    for name in dict.fromkeys(name for row in rows for name in row):
        values = [row.get(name) for row in rows]
        if any(isinstance(value, list) for value in values):
            values = [[value] if isinstance(value, str) else value for value in values]
            table = table.append_column(name, pa.array(values, pa.list_(pa.string())))
        else:
            table = table.append_column(name, pa.array(values, pa.string()))
    return Batch(source, table)


def seen(source: LogSource, row: dict[str, Value]) -> dict[str, object]:
    return view(batch_of(source, [row])).to_pylist()[0]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_events_are_seen_as_recorded(case: Path, update_golden: bool) -> None:
    found: list[str] = []
    for line in (case / "events.jsonl").read_text("utf-8").splitlines():
        event = json.loads(line)
        source = LogSource(product=event["product"], service=event["service"], event_type=event["event_type"])
        table = view(batch_of(source, [event["fields"]]))
        row = {
            name: value
            for name, value in table.to_pylist()[0].items()
            if value is not None and not name.startswith(("_", "raw_data", "time"))
        }
        names = {name: value for name, value in ecs(table).to_pylist()[0].items() if value is not None and not name.startswith(("_", "@"))}
        found.append(json.dumps({"ocsf": nested(row), "ecs": names}, ensure_ascii=False))
    golden = case / "expected.jsonl"
    if update_golden:
        golden.write_text("\n".join(found) + "\n", "utf-8")
    assert found == golden.read_text("utf-8").splitlines()


def test_every_product_with_a_mapping_has_a_case() -> None:
    cased = {json.loads(line)["product"] for case in CASES for line in (case / "events.jsonl").read_text("utf-8").splitlines()}
    assert set(products()) <= cased


def test_rows_of_several_classes_keep_their_order() -> None:
    names = ["GetUser", "ConsoleLogin", "CreateUser", "ConsoleLogin"]
    sources = ["iam.amazonaws.com", "signin.amazonaws.com", "iam.amazonaws.com", "signin.amazonaws.com"]
    rows: list[dict[str, Value]] = [{"eventName": name, "eventSource": source} for name, source in zip(names, sources, strict=True)]
    table = view(batch_of(LogSource(product="aws", service="cloudtrail"), rows))
    assert table.column("_row").to_pylist() == [0, 1, 2, 3]
    assert table.column("class_uid").to_pylist() == [6003, 3002, 3001, 3002]
    assert table.column("activity_name").to_pylist() == ["Read", "Logon", "Create", "Logon"]


def test_an_event_that_no_mapping_knows_is_a_base_event() -> None:
    row = seen(LogSource(product="windows", service="Other/Channel", event_type="5"), {"Computer": "ws1.lab", "User": r"LAB\bob"})
    assert (row["class_uid"], row["type_uid"], row["device.hostname"], row["actor.user.name"]) == (0, 0, "ws1.lab", "bob")


def test_an_event_without_fields_and_a_batch_without_events_are_seen_too() -> None:
    source = LogSource(product="zeek", service="conn")
    assert seen(source, {})["class_name"] == "Network Activity"
    assert view(batch_of(source, [])).num_rows == 0
    assert view(batch_of(LogSource(product="aws", service="cloudtrail"), [])).num_rows == 0


def test_what_is_no_number_is_none_where_a_number_is_due() -> None:
    row = seen(LogSource(product="zeek", service="conn"), {"id.orig_h": "10.0.0.1", "id.orig_p": "http", "id.resp_p": "443"})
    assert (row.get("src_endpoint.port"), row["dst_endpoint.port"]) == (None, 443)


def test_tables_of_different_sources_go_together() -> None:
    zeek = view(batch_of(LogSource(product="zeek", service="dns"), [{"query": "a.example", "answers": ["10.0.0.1", "10.0.0.2"]}]))
    windows = batch_of(
        LogSource(product="windows", service="Microsoft-Windows-Sysmon/Operational", event_type="22"), [{"QueryName": "b.example"}]
    )
    together = pa.concat_tables([zeek, view(windows)], promote_options="default")
    assert together.column("query.hostname").to_pylist() == ["a.example", "b.example"]


NAMES = st.sampled_from(
    ["EventID", "IpAddress", "Hashes", "eventName", "eventSource", "id.orig_p", "action", "target.type", "target.id", "query", "x"]
)
VALUES = st.one_of(st.text(max_size=40), st.lists(st.text(max_size=10), max_size=3))
SOURCES = st.sampled_from(
    [
        ("aws", "cloudtrail", ""),
        ("windows", "Security", "4624"),
        ("okta", "okta", ""),
        ("zeek", "dns", ""),
        ("new", "", ""),
        ("linux", "auditd", "PATH"),
    ]
)


@given(source=SOURCES, rows=st.lists(st.dictionaries(NAMES, VALUES, max_size=5), max_size=4))
def test_any_events_are_seen_row_for_row(source: tuple[str, str, str], rows: list[dict[str, Value]]) -> None:
    product, service, event_type = source
    clean = [{name: value for name, value in row.items() if _encodes(value)} for row in rows]
    batch = batch_of(LogSource(product=product, service=service, event_type=event_type), clean)
    table = view(batch)
    assert table.column("_id").to_pylist() == batch.table.column("_id").to_pylist()
    assert ecs(table).num_rows == len(clean)


def _encodes(value: Value) -> bool:
    return all(
        text.isprintable() or text.encode(errors="ignore").decode() == text for text in ([value] if isinstance(value, str) else value)
    )
