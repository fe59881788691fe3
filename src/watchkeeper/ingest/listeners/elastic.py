"""The door for shippers of Elasticsearch: `_bulk`, and what they ask before. Owns paths, answers and errors in Elasticsearch's words.

Templates, pipelines, policies and indices that a shipper sets up are acknowledged and not kept: documents are kept as they come.
Source: Elasticsearch documentation, REST APIs; the connect steps of Beats, Logstash, Fluent Bit and Vector.
"""

import re
import time
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from watchkeeper.ingest.listeners.bulk import parse
from watchkeeper.ingest.listeners.bulk_answer import bulk_answer
from watchkeeper.ingest.listeners.exchange import JSON, Answer, Exchange, Request, TurnedAwayError, Why
from watchkeeper.ingest.listeners.filter_path import FilterPath, Json
from watchkeeper.model.received import Listener

LISTENER: Final[Listener] = "bulk"
VERSION = "8.19.0"
"""The version of the interface; a client that must not be newer than its server is answered its own."""
_CLUSTER = "watchkeeper"
_UUID = "d2F0Y2hrZWVwZXIAAAAAAA"
_NEWER = re.compile(r"\A(?:Elastic-[A-Za-z]{1,40}|logstash|Logstash|elasticsearch-[a-z]{1,10})/(\d{1,2}\.\d{1,3}\.\d{1,3})")
_COMPATIBLE = re.compile(r"application/vnd\.elasticsearch\+json\s*;\s*compatible-with\s*=\s*([7-9])")
_SET_UP = frozenset(
    {"_index_template", "_component_template", "_template", "_ilm", "_ingest", "_data_stream", "_alias", "_security", "_slm"}
)
_INDEX = re.compile(r"(?!_)[^/\\*?\"<>| ,#]{1,255}|%3C.{1,255}%3E|<.{1,255}>", re.IGNORECASE)
_STATUS: Mapping[Why, tuple[int, str]] = {
    "no_token": (401, "security_exception"),
    "wrong_token": (401, "security_exception"),
    "busy": (429, "es_rejected_execution_exception"),
    "too_large": (413, "content_too_long_exception"),
    "slow": (408, "timeout_exception"),
    "malformed": (400, "parse_exception"),
    "unknown_path": (404, "resource_not_found_exception"),
    "wrong_method": (405, "illegal_argument_exception"),
}


def turned_away(error: TurnedAwayError, request: Request) -> Answer:
    """Say a refusal in Elasticsearch's words."""
    status, kind = _STATUS[error.why]
    cause: dict[str, Json] = {"type": kind, "reason": str(error)}
    answer = _said({"error": {"root_cause": [cause], **cause}, "status": status}, request, status)
    if error.why == "busy" and _is_rsyslog(request):
        return answer._replace(broken_off=True)
    more = {"Retry-After": str(error.retry_after_seconds)} if error.retry_after_seconds else {}
    if status == 401:
        more = {"WWW-Authenticate": 'Basic realm="watchkeeper" charset="UTF-8"'}
    return answer._replace(headers={**answer.headers, **more})


def _is_rsyslog(request: Request) -> bool:
    """Say whether it is rsyslog's omelasticsearch, which names itself nowhere.

    It gives up what any whole answer refuses; after one that breaks off it tries again, as tried with 8.2302.
    """
    headers = request.headers
    return (
        not headers.get("user-agent")
        and headers.get("content-type") == "application/json; charset=utf-8"
        and headers.get("accept") == "*/*"
    )


async def answer(exchange: Exchange) -> Answer:
    """Answer one request of a known sender."""
    request = exchange.request
    if request.segments[-1:] == ("_bulk",) and len(request.segments) <= 2:
        return await _bulk(exchange)
    filtered = FilterPath(request.query.get("filter_path", ""))
    said = _asked(request)
    return _said(filtered.apply(said), request) if isinstance(said, dict) else said


async def _bulk(exchange: Exchange) -> Answer:
    request, began = exchange.request, time.perf_counter()
    if request.method not in {"POST", "PUT"}:
        raise TurnedAwayError("wrong_method", f"{request.method} is not for _bulk; use POST or PUT")
    wanted = FilterPath(request.query.get("filter_path", ""))
    body = await exchange.body()
    exchange.check_count(body.count(b"\n") // 2)
    if not body.strip():
        raise TurnedAwayError("malformed", "request body is required")
    found = parse(body, request.segments[0] if len(request.segments) == 2 else "")
    await exchange.keep(found.records)
    took_ms = int((time.perf_counter() - began) * 1_000)
    return Answer(200, bulk_answer(found.actions, took_ms, wanted), *_kind(request))


def _asked(request: Request) -> dict[str, Json] | Answer:
    """Answer what a shipper asks or sets up before it sends."""
    first, *rest = request.segments or ("",)
    asked = _ASKED.get("/".join((first, *rest[:1])), _ASKED.get(first))
    if request.method in {"GET", "HEAD"} and asked is not None:
        return asked(request)
    if request.method in {"PUT", "POST"} and first in _SET_UP:
        return {"acknowledged": True}
    if _INDEX.fullmatch(first) and not rest:
        return _index(first, request)
    raise TurnedAwayError("unknown_path", f"nothing stands at {'/' + '/'.join(request.segments)[:200]!r}")


def _root(request: Request) -> dict[str, Json]:
    version: dict[str, Json] = {
        "number": _version(request),
        "build_flavor": "default",
        "build_type": "tar",
        "build_hash": "0" * 40,
        "build_date": "2026-01-01T00:00:00.000Z",
        "build_snapshot": False,
        "lucene_version": "9.12.0",
        "minimum_wire_compatibility_version": "7.17.0",
        "minimum_index_compatibility_version": "7.0.0",
    }
    return {"name": _CLUSTER, "cluster_name": _CLUSTER, "cluster_uuid": _UUID, "version": version, "tagline": "You Know, for Search"}


def _version(request: Request) -> str:
    own = _NEWER.match(request.headers.get("user-agent", ""))
    compatible = _COMPATIBLE.search(request.headers.get("accept", ""))
    return own[1] if own else f"{compatible[1]}.0.0" if compatible and compatible[1] != VERSION[0] else VERSION


def _cat(request: Request) -> Answer | dict[str, Json]:
    if "json" in request.query.get("format", "") + request.headers.get("accept", ""):
        return Answer(200, msgspec.json.encode([_CAT]), *_kind(request))
    head = " ".join(_CAT) + "\n" if "v" in request.query else ""
    return Answer(200, f"{head}{' '.join(_CAT.values())}\n".encode(), "text/plain; charset=UTF-8", _PRODUCT)


def _index(name: str, request: Request) -> dict[str, Json]:
    match request.method:
        case "PUT":
            return {"acknowledged": True, "shards_acknowledged": True, "index": name}
        case "HEAD":
            return {}
        case _:
            raise TurnedAwayError("unknown_path", f"no such index [{name[:100]}]: events are searched through the interface of Watchkeeper")


def _said(value: dict[str, Json], request: Request, status: int = 200) -> Answer:
    return Answer(status, msgspec.json.encode(value), *_kind(request))


def _kind(request: Request) -> tuple[str, Mapping[str, str]]:
    """Give the content type that the client speaks, and the header by which clients know the product."""
    asked = request.headers.get("accept", "") or request.headers.get("content-type", "")
    compatible = _COMPATIBLE.search(asked)
    kind = f"application/vnd.elasticsearch+json;compatible-with={compatible[1]}" if compatible else JSON
    return kind, _PRODUCT


_PRODUCT = {"X-Elastic-Product": "Elasticsearch"}
_LICENSE: dict[str, Json] = {"status": "active", "uid": "00000000-0000-0000-0000-000000000000", "type": "basic", "mode": "basic"}
_FEATURES: dict[str, Json] = {name: {"available": True, "enabled": True} for name in ("ilm", "data_streams", "security")}
_CAT = {"cluster": _CLUSTER, "status": "green", "node.total": "1", "node.data": "1"}
_HEALTH: dict[str, Json] = {
    "cluster_name": _CLUSTER,
    "status": "green",
    "timed_out": False,
    "number_of_nodes": 1,
    "number_of_data_nodes": 1,
}
_ASKED: Mapping[str, Callable[[Request], dict[str, Json] | Answer]] = {
    "": _root,
    "_license": lambda _: {"license": _LICENSE},
    "_xpack": lambda _: {"license": _LICENSE, "features": _FEATURES, "tagline": "You know, for X"},
    "_cat/health": _cat,
    "_cluster/health": lambda _: _HEALTH,
}
