"""ModSecurity's audit log as JSON, one transaction a line, by versions 2 and 3. Owns the two shapes; names stand in `modsecurity_audit`.

Version 3 does not say in JSON what it did: a request in which a rule matched and that was answered with 403, the status that the Core Rule
Set and the default action deny with, counts as intercepted unless the engine only detects.
Source: ModSecurity reference manual, SecAuditLogFormat.
"""

import re
from collections.abc import Iterator, Mapping
from typing import IO, cast

from watchkeeper.ingest.flatten import text_of
from watchkeeper.ingest.jsonstream import Json, Record, records
from watchkeeper.ingest.modsecurity_audit import Headers, Said, Transaction, message
from watchkeeper.ingest.reader import Reader, Row, Skipped

_OPENING = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*[\[{]")
_MARKS = tuple(
    tuple(map(re.compile, (rb'"transaction"\s*:\s*\{', *more)))
    for more in ((rb'"client_ip"\s*:', rb'"unique_id"\s*:', rb'"request"\s*:'), (rb'"remote_address"\s*:', rb'"transaction_id"\s*:'))
)
_NO_TRANSACTION = Skipped("JSON without a transaction of ModSecurity")
_DENIES_WITH = "403"
_ONLY_DETECTS = "detection"

_Object = Mapping[str, Json]


def sniff(head: bytes) -> bool:
    """Say whether it is JSON with a transaction of either version in the head."""
    return _OPENING.match(head) is not None and any(all(mark.search(head) for mark in marks) for marks in _MARKS)


def rows(stream: IO[bytes]) -> Iterator[Row | Skipped]:
    """Yield one row a transaction."""
    for record in records(stream):
        yield record if isinstance(record, Skipped) else modsecurity_row(record)


def modsecurity_row(record: Record) -> Row | Skipped:
    """Give the row of one record."""
    transaction = _object(record.value, "transaction")
    if "client_ip" in transaction and "unique_id" in transaction:
        return _third(transaction).row(record.raw)
    if "remote_address" in transaction and "transaction_id" in transaction:
        return _second(transaction, record.value).row(record.raw)
    return _NO_TRANSACTION


def _second(transaction: _Object, record: _Object) -> Transaction:
    request, response, audit = (_object(record, name) for name in ("request", "response", "audit_data"))
    action = _object(audit, "action")
    said = {
        "unique_id": _text(transaction, "transaction_id"),
        "src_ip": _text(transaction, "remote_address"),
        "src_port": _text(transaction, "remote_port"),
        "dst_ip": _text(transaction, "local_address"),
        "dst_port": _text(transaction, "local_port"),
        "sc-status": _text(response, "status"),
        "request_body": _joined(request.get("body")),
        "engine_mode": _text(audit, "engine_mode"),
        "server": _text(audit, "server"),
    }
    messages = [message(one) for one in _list(audit, "messages") if isinstance(one, str)]
    return Transaction(
        _text(transaction, "time"), said, _text(request, "request_line"), _headers(request), messages, action.get("intercepted") is True
    )


def _third(transaction: _Object) -> Transaction:
    request, response, producer = (_object(transaction, name) for name in ("request", "response", "producer"))
    status, engine = _text(response, "http_code"), _text(producer, "secrules_engine")
    said = {
        "unique_id": _text(transaction, "unique_id"),
        "src_ip": _text(transaction, "client_ip"),
        "src_port": _text(transaction, "client_port"),
        "dst_ip": _text(transaction, "host_ip"),
        "dst_port": _text(transaction, "host_port"),
        "sc-status": status,
        "request_body": _joined(request.get("body")),
        "engine_mode": engine,
        "server_id": _text(transaction, "server_id"),
        "cs-host": _text(request, "hostname"),
    }
    messages = [_detailed(one) for one in _list(transaction, "messages") if isinstance(one, dict)]
    line = f"{_text(request, 'method')} {_text(request, 'uri')}".strip()
    intercepted = bool(messages) and status == _DENIES_WITH and not engine.lower().startswith(_ONLY_DETECTS)
    return Transaction(_text(transaction, "time_stamp"), said, line, _headers(request), messages, intercepted)


def _detailed(one: _Object) -> Said:
    details = _object(one, "details")
    return {
        "rule_id": _text(details, "ruleId"),
        "msg": _text(one, "message"),
        "rule_severity": _text(details, "severity"),
        "reason": _text(details, "match"),
        "data": _text(details, "data"),
        "tags": [tag for tag in _list(details, "tags") if isinstance(tag, str)],
    }


def _headers(request: _Object) -> Headers:
    return [(name, _joined(value)) for name, value in _object(request, "headers").items()]


def _object(value: _Object, name: str) -> _Object:
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def _list(value: _Object, name: str) -> list[Json]:
    found = value.get(name)
    return found if isinstance(found, list) else []


def _text(value: _Object, name: str) -> str:
    found = value.get(name)
    return "" if found is None or isinstance(found, dict | list) else text_of(found)


def _joined(value: Json) -> str:
    """Give a text that may stand in pieces."""
    pieces = cast("list[Json]", value) if isinstance(value, list) else [value]
    return "".join(text_of(one) for one in pieces if one is not None)


modsecurity_json = Reader("modsecurity_json", sniff, rows)
