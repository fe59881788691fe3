import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList

from watchkeeper.ingest.listeners.otlp_records import NoLogsError, of_json, of_protobuf

NANOS = 1_772_442_000_123_456_789


def _text(key: str, value: str) -> KeyValue:
    return KeyValue(key=key, value=AnyValue(string_value=value))


def _request() -> ExportLogsServiceRequest:
    request = ExportLogsServiceRequest()
    logs = request.resource_logs.add()
    logs.resource.attributes.extend([_text("host.name", "h1"), _text("service.name", "sshd")])
    scoped = logs.scope_logs.add()
    scoped.scope.name = "scope"
    one = scoped.log_records.add(time_unix_nano=NANOS, severity_number=9, severity_text="INFO", trace_id=bytes(range(16)), span_id=bytes(8))
    one.body.string_value = "line\nof text"
    parts = ArrayValue(
        values=[AnyValue(int_value=7), AnyValue(bool_value=True), AnyValue(double_value=0.5), AnyValue(bytes_value=b"\xff"), AnyValue()]
    )
    one.attributes.append(KeyValue(key="list", value=AnyValue(array_value=parts)))
    two = scoped.log_records.add(observed_time_unix_nano=NANOS)
    two.body.kvlist_value.CopyFrom(KeyValueList(values=[_text("EventID", "4624")]))
    return request


AS_JSON = {
    "resourceLogs": [
        {
            "resource": {"attributes": [
                {"key": "host.name", "value": {"stringValue": "h1"}}, {"key": "service.name", "value": {"stringValue": "sshd"}},
            ]},
            "scopeLogs": [{
                "scope": {"name": "scope"},
                "logRecords": [
                    {
                        "timeUnixNano": str(NANOS), "severityNumber": 9, "severityText": "INFO", "traceId": bytes(range(16)).hex(),
                        "spanId": "00" * 8, "body": {"stringValue": "line\nof text"},
                        "attributes": [{"key": "list", "value": {"arrayValue": {"values": [
                            {"intValue": "7"}, {"boolValue": True}, {"doubleValue": 0.5}, {"bytesValue": "/w=="}, None,
                        ]}}}],
                    },
                    {"timeUnixNano": "0", "observedTimeUnixNano": str(NANOS),
                     "body": {"kvlistValue": {"values": [{"key": "EventID", "value": {"stringValue": "4624"}}]}}},
                ],
            }],
        }
    ]
}  # fmt: skip


def test_both_encodings_give_the_same_lines() -> None:
    lines = list(of_protobuf(_request().SerializeToString()))
    assert [json.loads(line) for line in lines] == [
        {
            "body": "line\nof text", "timeUnixNano": str(NANOS), "severityNumber": 9, "severityText": "INFO",
            "attributes": {"list": [7, True, 0.5, "/w==", None]}, "traceId": bytes(range(16)).hex(), "spanId": "00" * 8,
            "resource": {"host.name": "h1", "service.name": "sshd"}, "scope": {"name": "scope"},
            "time": "2026-03-02T09:00:00.123456Z", "host": "h1",
        },
        {
            "body": {"EventID": "4624"}, "observedTimeUnixNano": str(NANOS), "resource": {"host.name": "h1", "service.name": "sshd"},
            "scope": {"name": "scope"}, "time": "2026-03-02T09:00:00.123456Z", "host": "h1",
        },
    ]  # fmt: skip
    assert [json.loads(line or b"") for line in of_json(json.dumps(AS_JSON).encode())] == [json.loads(line) for line in lines]
    assert not any(b"\n" in line for line in lines)


def test_what_stands_for_a_record_and_is_none_is_none() -> None:
    body = {"resourceLogs": [{"scopeLogs": [{"logRecords": [1, {"body": {"stringValue": "a"}}]}, 2]}, "x"]}
    assert list(of_json(json.dumps(body).encode())) == [None, b'{"body":"a"}']


@pytest.mark.parametrize("body", [b"", b"[]", b"nonsense", b"[" * 100_000])
def test_what_is_no_json_is_said(body: bytes) -> None:
    with pytest.raises(NoLogsError):
        list(of_json(body))


def test_what_is_no_protobuf_is_said() -> None:
    with pytest.raises(NoLogsError):
        list(of_protobuf(b"\xff\xff\xff"))


_VALUES = st.recursive(
    st.sampled_from([{"stringValue": "a"}, {"intValue": "x"}, {"intValue": "7"}, None, 1, [], {}, {"odd": 1}]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["arrayValue", "kvlistValue", "values", "key", "value", "body", "attributes", "timeUnixNano"]),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=12,
)


@given(_VALUES)
def test_no_json_breaks_it(value: object) -> None:
    body = {
        "resourceLogs": [
            {"resource": value, "scopeLogs": [{"scope": value, "logRecords": [value, {"body": value, "attributes": value}]}]},
            value,
        ]
    }
    for line in of_json(json.dumps(body).encode()):
        assert line is None or isinstance(json.loads(line), dict)


@given(st.binary(max_size=200), st.integers(0, 300))
def test_no_bytes_break_it(noise: bytes, at: int) -> None:
    body = _request().SerializeToString()
    try:
        for line in of_protobuf(body[:at] + noise + body[at:]):
            assert isinstance(json.loads(line), dict)
    except NoLogsError:
        return
