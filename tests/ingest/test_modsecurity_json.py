"""ModSecurity's audit log in JSON: both shapes, alone, wrapped and damaged."""

import io
import json
from pathlib import Path
from typing import Any

from watchkeeper.ingest import READERS, who_reads
from watchkeeper.ingest.json_records import json_records
from watchkeeper.ingest.modsecurity_json import modsecurity_json
from watchkeeper.ingest.reader import Row

CASES = Path(__file__).parents[1] / "cases" / "ingest" / "modsecurity_json"
LINES = (CASES / "basic" / "input.log").read_text("utf-8").splitlines()


def _rows(text: str) -> list[Row]:
    return [one for one in modsecurity_json.rows(io.BytesIO(text.encode())) if isinstance(one, Row)]


def test_both_versions_say_the_same_things_by_the_same_names() -> None:
    rows = _rows("\n".join(LINES))
    wanted = {"src_ip", "cs-host", "c-uri", "cs-method", "sc-status", "rule_id", "msg", "tags", "action"}
    assert [wanted <= row.fields.keys() for row in rows] == [True, True, False, True, True, False, False]
    assert [row.fields.get("action") for row in rows] == ["denied", "warned", None, "denied", "warned", "warned", None]


def test_only_the_marks_of_a_transaction_are_recognised() -> None:
    assert all(who_reads(line.encode()) == "modsecurity_json" for line in LINES)
    assert not modsecurity_json.sniff(b'{"transaction": {"client_ip": "192.0.2.1", "amount": 7}}')
    assert not modsecurity_json.sniff(b'x {"transaction": {"remote_address": "", "transaction_id": ""}}')


def test_a_transaction_within_what_a_collector_adds_is_read() -> None:
    wrapped = json.dumps({"@timestamp": "2026-03-02T09:00:00Z", "message": LINES[3]}).encode()
    assert who_reads(wrapped) == "json_records"
    (row,) = json_records.rows(io.BytesIO(wrapped))
    assert isinstance(row, Row)
    assert row.fields == _rows(LINES[3])[0].fields


def test_a_body_longer_than_the_head_hides_nothing() -> None:
    record = json.loads(LINES[0])
    record["request"]["body"] = ["x" * 200_000]
    assert who_reads(json.dumps(record).encode()[:65_536]) == "modsecurity_json"


def test_what_stands_where_something_else_belongs_breaks_nothing(promises: Any) -> None:
    record = json.loads(LINES[3])
    for name in record["transaction"]:
        for value in ("null", "7", '"x"', "[]", "[[]]", "{}", '{"a": [null, {}]}', '[{"details": 7}]'):
            harmed = {"transaction": record["transaction"] | {name: json.loads(value)}}
            assert len(promises.check(modsecurity_json, json.dumps(harmed).encode())) == 1


def test_it_is_asked_before_readers_of_any_json() -> None:
    names = [reader.name for reader in READERS]
    assert names.index("modsecurity_json") < names.index("windows_json")
