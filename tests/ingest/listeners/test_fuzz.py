"""Every door and framing, given what nobody would send: a few inputs in each run, and for `WATCHKEEPER_FUZZ_SECONDS` each when asked to."""

import gzip
import json
import os
import resource
import sys
import time
import zlib
from collections.abc import Callable
from typing import Any

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.ingest.listeners.syslog_frames import Frames

SECONDS = int(os.environ.get("WATCHKEEPER_FUZZ_SECONDS", "2"))
MOST_GROWTH_BYTES = 512 * 1024 * 1024
STATUSES = {200, 400, 401, 403, 404, 405, 408, 413, 429, 503}
LIMITS = {"body_bytes": 100_000, "inflated_bytes": 200_000, "records": 200, "in_flight_bytes": 250_000}

_OTLP = b'{"resourceLogs":[{"resource":{"attributes":[{"key":"host.name","value":{"stringValue":"h"}}]},"scopeLogs":[{"logRecords":[{"body":{"arrayValue":{"values":[{"intValue":"7"}]}}}]}]}]}'  # noqa: E501 -- one body
_PROTOBUF = bytes.fromhex("0a2d0a150a130a09686f73742e6e616d6512060a04686f737412140a00121009000000000000000012002a060a046c696e65")
SEEDS = {
    "/_bulk": [
        b'{"create":{"_index":"a","_id":"1"}}\n{"x":1}\n{"index":{"_index":"b"}}\n{"y":"\\u00e9"}\n{"delete":{"_index":"a","_id":"1"}}\n'
    ],
    "/logs/_bulk?filter_path=errors,items.*.error,-items.*._id": [b'{"create":{}}\r\n{"x":1}\r\n{"update":{}}\r\n{}\r\n'],
    "/_index_template/x": [b"{}"],
    "/services/collector/event?channel=c": [b'{"time":1.5,"host":"h","event":{"a":1}}{"event":"text","fields":{"b":"2"}}'],
    "/services/collector/raw?host=h&sourcetype=s": [b"one\r\ntwo\n\n\xff\xfe"],
    "/services/collector/ack?channel=c": [b'{"acks":[0,1,-7]}'],
    "/v1/logs": [_OTLP, _PROTOBUF],
    "/ingest": [b'{"a":1}\r\ntext\n\0\n'],
    "/webhook/wazuh": [b'{"id":"1.2","rule":{"id":"1"},"manager":{"name":"m"}}'],
    "/webhook/alertmanager": [b'{"groupLabels":{"a":"b"},"alerts":[{"status":"firing","labels":{},"startsAt":"2026","fingerprint":"f"}]}'],
    "/webhook/json": [b'[{"a":1},{"b":"\\ud800"}]'],
}
TOKENS = [
    b"{",
    b"}",
    b"[",
    b"]",
    b'"',
    b"\\",
    b"\n",
    b"\r",
    b"\0",
    b",",
    b":",
    b"null",
    b"1e999",
    b"9" * 400,
    b'{"create":{}}\n',
    b"\xff",
    b"\\ud800",
    b"[" * 999,
    b'{"a":' * 999,
]
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}
_EDITS = st.lists(
    st.tuples(st.integers(0, 400), st.integers(0, 30), st.one_of(st.sampled_from(TOKENS), st.binary(max_size=12))), max_size=6
)
_HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "content_type": st.sampled_from(
            ["application/json", "application/x-protobuf", "application/vnd.elasticsearch+json;compatible-with=9", "é"]
        ),
        "content_encoding": st.sampled_from(["gzip", "deflate", "zstd", "br"]),
        "content_length": st.sampled_from(["", "-1", "²", "9" * 30, "7"]),
        "x_splunk_request_channel": st.text(alphabet="c\xff", max_size=200),
        "idempotency_key": st.text(alphabet="k\xff ", max_size=300),
        "authorization": st.one_of(st.just("Basic eDplZGdlLXRva2Vu"), st.text(alphabet="Basic =:\xff", max_size=20)),
    },
)


def _edited(body: bytes, edits: list[tuple[int, int, bytes]], times: int) -> bytes:
    for at, size, text in edits:
        body = body[:at] + text + body[at + size :]
    return body * times


@st.composite
def _asked(draw: st.DrawFn, path: str) -> tuple[str, list[bytes], dict[str, str]]:
    """A request at a path: a body like those that it knows, altered, packed or not, and whole or broken."""
    body = _edited(draw(st.sampled_from(SEEDS[path])), draw(_EDITS), draw(st.sampled_from([1, 1, 1, 7, 300])))
    headers = {"content_type": "application/json", **draw(_HEADERS)} if path != "/v1/logs" else draw(_HEADERS)
    encoding = draw(st.sampled_from(sorted(PACKERS)))
    if encoding:
        headers["content_encoding"] = encoding
    packed = _edited(PACKERS[encoding](body), draw(_EDITS) if encoding and draw(st.booleans()) else [], 1)
    cut = draw(st.integers(0, len(packed)))
    method = draw(st.sampled_from(["POST", "POST", "POST", "PUT", "GET", "HEAD", "DELETE"]))
    return method, [packed[:cut], packed[cut:], b"END"], headers


def _http(path: str, house_with: Callable[..., Any]) -> Callable[[], None]:
    @given(_asked(path))
    def holds(asked: tuple[str, list[bytes], dict[str, str]]) -> None:
        method, body, headers = asked
        house = house_with(**LIMITS)
        answered = house.ask(method, path, body, **headers)
        assert answered.status in STATUSES
        assert all(len(received.body) <= LIMITS["inflated_bytes"] for received in house.kept)
        assert answered.status == 200 or not house.kept
        assert len(house.lines) <= LIMITS["records"]
        if answered.body and answered.headers["content-type"] != "application/x-protobuf":
            json.loads(answered.body)

    return holds


def _framing() -> Callable[[], None]:
    pieces = st.lists(
        st.one_of(st.binary(max_size=20), st.sampled_from([b"5 <13>a", b"<13>b\n", b"99999 <", b"\n", b"1", b" ", b"x" * 300]))
    )

    @given(pieces, st.lists(st.integers(1, 50)))
    def holds(parts: list[bytes], sizes: list[int]) -> None:
        data, frames, at, found = b"".join(parts), Frames(100), 0, list[bytes]()
        for size in (*sizes, len(data)):
            found += frames.feed(data[at : at + size])
            at += size
        found += filter(None, (frames.end(),))
        assert all(message and b"\n" not in message and len(message) <= 400 for message in found)
        assert sum(map(len, found)) <= len(data) * 4

    return holds


@pytest.mark.parametrize("path", sorted(SEEDS))
def test_no_request_breaks_a_door(path: str, house_with: Callable[..., Any]) -> None:
    _http(path, house_with)()


def test_no_bytes_break_a_framing() -> None:
    _framing()()


@given(st.text(alphabet="/_%<>bulk.ë\\?&=", max_size=30))
def test_no_path_breaks_the_doors(house_with: Callable[..., Any], path: str) -> None:
    assert house_with(**LIMITS).ask("GET", "/" + path).status in STATUSES


@pytest.mark.slow
@pytest.mark.parametrize("path", [*sorted(SEEDS), "syslog"])
def test_for_as_long_as_asked(path: str, house_with: Callable[..., Any]) -> None:
    holds = _framing() if path == "syslog" else _http(path, house_with)
    again = settings(max_examples=200, deadline=None, database=None)(holds)
    before, end, runs = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic() + SECONDS, 0
    while time.monotonic() < end:
        again()
        runs += 1
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1_024
    assert grown < MOST_GROWTH_BYTES
    sys.stdout.write(f"{path}: {runs * 200:,} inputs\n")
