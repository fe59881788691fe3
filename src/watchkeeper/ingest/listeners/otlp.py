"""The door for OpenTelemetry: `POST /v1/logs` over HTTP, in protobuf and JSON. Owns its answers; records: `otlp_records`.

Source: OpenTelemetry Protocol specification, OTLP/HTTP.
"""

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse

from watchkeeper.ingest.listeners.exchange import JSON, Answer, Exchange, Request, TurnedAwayError, Why
from watchkeeper.ingest.listeners.otlp_records import NoLogsError, of_json, of_protobuf
from watchkeeper.model.received import Listener

LISTENER: Final[Listener] = "otlp"
PROTOBUF = "application/x-protobuf"
_STATUS: Mapping[Why, tuple[int, int]] = {
    "no_token": (401, 16),
    "wrong_token": (401, 16),
    "busy": (503, 14),
    "too_large": (413, 8),
    "slow": (408, 4),
    "malformed": (400, 3),
    "unknown_path": (404, 12),
    "wrong_method": (405, 12),
}
"""Status of HTTP and code of gRPC. Busy is 503: some exporters give up on 429."""


def turned_away(error: TurnedAwayError, request: Request) -> Answer:
    """Say a refusal as google.rpc.Status, in the encoding of the request."""
    status, code = _STATUS[error.why]
    headers = {"Retry-After": str(error.retry_after_seconds)} if error.retry_after_seconds else {}
    if status == 401:
        headers = {"WWW-Authenticate": 'Bearer realm="watchkeeper"'}
    if _is_json(request):
        return Answer(status, msgspec.json.encode({"code": code, "message": str(error)}), JSON, headers)
    return Answer(status, _status(code, str(error).encode()[:127]), PROTOBUF, headers)


def _status(code: int, message: bytes) -> bytes:
    """Write the two fields of google.rpc.Status; both lengths fit one byte."""
    return bytes((0x08, code, 0x12, len(message))) + message


async def answer(exchange: Exchange) -> Answer:
    """Keep the log records of one request."""
    request = exchange.request
    if request.segments != ("v1", "logs"):
        raise TurnedAwayError("unknown_path", "of OTLP only logs are taken: /v1/logs")
    if request.method != "POST":
        raise TurnedAwayError("wrong_method", f"{request.method} is not for /v1/logs; use POST")
    body = await exchange.body()
    wrong: list[None] = []
    try:
        lines = of_json(body) if _is_json(request) else of_protobuf(body)
        found = await exchange.apart(len(body), lambda: exchange.gathered(_lines(lines, wrong)))
    except (NoLogsError, RecursionError) as error:
        raise TurnedAwayError("malformed", str(error)) from error
    await exchange.keep(found._replace(malformed=len(wrong)))
    return _kept(request, len(wrong))


def _lines(found: Iterator[bytes | None] | Iterator[bytes], wrong: list[None]) -> Iterator[bytes]:
    for line in found:
        if line is None:
            wrong.append(None)
        else:
            yield line


def _kept(request: Request, rejected: int) -> Answer:
    said = f"{rejected} of the log records are no objects" if rejected else ""
    if _is_json(request):
        partial = {"partialSuccess": {"rejectedLogRecords": str(rejected), "errorMessage": said}} if rejected else {}
        return Answer(200, msgspec.json.encode(partial), JSON)
    response = ExportLogsServiceResponse()
    if rejected:
        response.partial_success.rejected_log_records = rejected
        response.partial_success.error_message = said
    return Answer(200, response.SerializeToString(), PROTOBUF)


def _is_json(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == JSON
