"""Logs of OpenTelemetry as lines: a JSON object a log record, with what its resource and scope say. Owns both encodings.

Source: opentelemetry-proto, logs/v1 and collector/logs/v1; the JSON encoding of the OTLP specification (ids in hexadecimal).
"""

import base64
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import cast

import msgspec
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = 253_402_300_799 * 10**9
_encode = msgspec.json.Encoder().encode


class NoLogsError(ValueError):
    """The body is no request to keep logs."""


def of_protobuf(body: bytes) -> Iterator[bytes]:
    """Yield a line a log record.

    Raises:
        NoLogsError: the body is not in the encoding.
    """
    request = ExportLogsServiceRequest()
    try:
        request.ParseFromString(body)
    except DecodeError as error:
        raise NoLogsError("the body is no ExportLogsServiceRequest in protobuf") from error
    for logs in request.resource_logs:
        resource = _attributes(logs.resource.attributes)
        for scoped in logs.scope_logs:
            scope = _scope(scoped.scope)
            for record in scoped.log_records:
                yield _line(_record(record), resource, scope)


def of_json(body: bytes) -> Iterator[bytes | None]:
    """Yield a line a log record, and none for what stands in the place of one and is none.

    Raises:
        NoLogsError: the body is not in the encoding.
    """
    try:
        request = msgspec.json.decode(body)
    except (ValueError, RecursionError) as error:
        raise NoLogsError("the body is no JSON") from error
    if not isinstance(request, dict):
        raise NoLogsError("the body is no ExportLogsServiceRequest in JSON")
    for logs in _objects(cast("dict[str, Json]", request).get("resourceLogs")):
        resource = _json_attributes(_object(logs.get("resource")).get("attributes"))
        for scoped in _objects(logs.get("scopeLogs")):
            scope = _object(scoped.get("scope"))
            said = _without_nothing({**scope, "attributes": _json_attributes(scope.get("attributes"))})
            found = scoped.get("logRecords")
            for record in found if isinstance(found, list) else []:
                yield _line(_json_record(record), resource, said) if isinstance(record, dict) else None


def _line(record: dict[str, Json], resource: Mapping[str, Json], scope: Mapping[str, Json]) -> bytes:
    """Put together what is known of one record; time and host also stand where every other record has them."""
    time = _time(record.get("timeUnixNano")) or _time(record.get("observedTimeUnixNano"))
    beside: dict[str, Json] = {"resource": dict(resource), "scope": dict(scope), "time": time, "host": resource.get("host.name")}
    return _encode(_without_nothing({**record, **beside}))


def _time(nanoseconds: Json) -> str | None:
    text = str(nanoseconds)
    if not text.isdecimal() or len(text) > 19 or not 0 < int(text) < _LATEST:
        return None
    return (_EPOCH + timedelta(microseconds=int(text) // 1_000)).isoformat().replace("+00:00", "Z")


def _without_nothing(value: Mapping[str, Json]) -> dict[str, Json]:
    return {name: one for name, one in value.items() if one not in (None, "", 0, "0", {}, [])}


def _record(record: LogRecord) -> dict[str, Json]:
    return {
        "body": _value(record.body),
        "timeUnixNano": str(record.time_unix_nano),
        "observedTimeUnixNano": str(record.observed_time_unix_nano),
        "severityNumber": int(record.severity_number),
        "severityText": record.severity_text,
        "eventName": record.event_name,
        "attributes": _attributes(record.attributes),
        "traceId": record.trace_id.hex(),
        "spanId": record.span_id.hex(),
        "flags": record.flags,
    }


def _scope(scope: InstrumentationScope) -> dict[str, Json]:
    return _without_nothing({"name": scope.name, "version": scope.version, "attributes": _attributes(scope.attributes)})


def _attributes(attributes: Iterable[KeyValue]) -> dict[str, Json]:
    return {one.key: _value(one.value) for one in attributes}


def _value(value: AnyValue) -> Json:
    match value.WhichOneof("value"):
        case "string_value":
            return value.string_value
        case "array_value":
            return [_value(one) for one in value.array_value.values]
        case "kvlist_value":
            return _attributes(value.kvlist_value.values)
        case "bytes_value":
            return base64.b64encode(value.bytes_value).decode()
        case None:
            return None
        case other:
            return cast("Json", getattr(value, other))


def _json_record(record: Mapping[str, Json]) -> dict[str, Json]:
    known: dict[str, Json] = dict(record)
    known["body"] = _json_value(record.get("body"))
    known["attributes"] = _json_attributes(record.get("attributes"))
    return known


def _json_attributes(attributes: Json) -> dict[str, Json]:
    return {str(one.get("key", "")): _json_value(one.get("value")) for one in _objects(attributes)}


def _json_value(value: Json) -> Json:
    """Give what a value of the JSON encoding says; what is none stays as it is, so that nothing is lost."""
    if not isinstance(value, dict) or len(value) != 1:
        return value
    kind, inner = next(iter(value.items()))
    match kind:
        case "arrayValue":
            found = _object(inner).get("values")
            return [_json_value(one) for one in found] if isinstance(found, list) else []
        case "kvlistValue":
            return _json_attributes(_object(inner).get("values"))
        case "intValue":
            return int(inner) if isinstance(inner, str) and inner.removeprefix("-").isdecimal() and len(inner) < 20 else inner
        case "stringValue" | "boolValue" | "doubleValue" | "bytesValue":
            return inner
        case _:
            return value


def _object(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _objects(value: Json) -> Iterator[dict[str, Json]]:
    return (one for one in value if isinstance(one, dict)) if isinstance(value, list) else iter(())
