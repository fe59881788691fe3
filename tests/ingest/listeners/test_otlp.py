import gzip
import json

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest, ExportLogsServiceResponse

from watchkeeper.model.received import RefusedError

PROTOBUF = "application/x-protobuf"


def _body(number: int = 2) -> bytes:
    request = ExportLogsServiceRequest()
    scoped = request.resource_logs.add().scope_logs.add()
    for at in range(number):
        scoped.log_records.add().body.string_value = f"line {at}"
    return request.SerializeToString()


def test_protobuf_is_answered_in_protobuf(house) -> None:
    answered = house.ask("POST", "/v1/logs", gzip.compress(_body()), content_type=PROTOBUF, content_encoding="gzip")
    assert (answered.status, answered.headers["content-type"]) == (200, PROTOBUF)
    assert not ExportLogsServiceResponse.FromString(answered.body).HasField("partial_success")
    assert [json.loads(line) for line in house.lines] == [{"body": "line 0"}, {"body": "line 1"}]


def test_json_is_answered_in_json_and_says_what_was_no_record(house) -> None:
    body = json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [1, {"body": {"stringValue": "a"}}]}]}]}).encode()
    answered = house.ask("POST", "/v1/logs", body, content_type="application/json; charset=utf-8")
    assert answered.json["partialSuccess"]["rejectedLogRecords"] == "1"
    assert house.lines == [b'{"body":"a"}']
    assert house.desk.counts.of("malformed", "otlp") == 1


@pytest.mark.parametrize("kind", [PROTOBUF, "application/json"])
def test_refusals_come_in_the_encoding_of_the_request(house, kind: str) -> None:
    answered = house.ask("POST", "/v1/logs", b"\xff\xff", content_type=kind)
    assert (answered.status, answered.headers["content-type"]) == (400, kind)
    assert answered.json["code"] == 3 if kind != PROTOBUF else answered.body[:3] == b"\x08\x03\x12"
    assert house.ask("POST", "/v1/logs", b"", content_type=kind, authorization="").status == 401
    assert house.ask("POST", "/v1/traces", b"", content_type=kind).status == 404
    assert house.ask("GET", "/v1/logs", b"", content_type=kind).status == 405


def test_a_full_journal_is_told_as_an_exporter_retries_it(house) -> None:
    house.refusing = RefusedError("full", 3)
    answered = house.ask("POST", "/v1/logs", _body(), content_type=PROTOBUF)
    assert (answered.status, answered.headers["retry-after"]) == (503, "3")


def test_attributes_said_once_for_very_many_records_do_not_fill_the_memory(house_with) -> None:
    house = house_with(inflated_bytes=1_000_000)
    request = ExportLogsServiceRequest()
    logs = request.resource_logs.add()
    logs.resource.attributes.add(key="k").value.string_value = "x" * 10_000
    for _ in range(1_000):
        logs.scope_logs.add().log_records.add()
    assert house.ask("POST", "/v1/logs", request.SerializeToString(), content_type=PROTOBUF).status == 413


def test_a_deeply_nested_body_is_refused(house) -> None:
    value = '{"arrayValue":{"values":[' * 320 + '{"stringValue":"a"}' + "]}}" * 320
    body = '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":' + value + "}]}]}]}"
    assert house.ask("POST", "/v1/logs", body.encode(), content_type="application/json").status in {200, 400}
