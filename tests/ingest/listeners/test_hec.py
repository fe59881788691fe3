import base64
import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.ingest.listeners.hec import MOST_NAME_CHARS, HecError, _each, _envelopes, _plain
from watchkeeper.model.received import RefusedError

EVENTS = b'{"time":1772442000.5,"host":"h1","event":{"a":1}}{"event":"text","fields":{"b":"2"}}\n{\n "event": [1],\r\n "index":"x"\n}'
SPLUNK = {"authorization": "Splunk edge-token"}


@pytest.mark.parametrize("path", ["/services/collector/event", "/services/collector", "/services/collector/event/1.0"])
def test_events_keep_their_envelopes(house, path: str) -> None:
    answered = house.ask("POST", path, EVENTS, **SPLUNK)
    assert (answered.status, answered.json) == (200, {"text": "Success", "code": 0})
    assert house.lines[0] == b'{"time":1772442000.5,"host":"h1","event":{"a":1}}'
    assert [json.loads(line) for line in house.lines[1:]] == [{"event": "text", "fields": {"b": "2"}}, {"event": [1], "index": "x"}]


def test_raw_lines_stay_as_they_are_or_get_what_the_client_says_of_them(house) -> None:
    assert house.ask("POST", "/services/collector/raw", gzip.compress(b"one\r\n\ntwo"), content_encoding="gzip", **SPLUNK).status == 200
    assert house.lines == [b"one", b"two"]
    house.ask("POST", f"/services/collector/raw/1.0?host=h&sourcetype=syslog&source={'s' * 999}", b'a "quote"\n\xc3\xa4', **SPLUNK)
    said = {"host": "h", "source": "s" * MOST_NAME_CHARS, "sourcetype": "syslog"}
    assert [json.loads(line) for line in house.lines[2:]] == [{"event": 'a "quote"', **said}, {"event": "ä", **said}]


@pytest.mark.parametrize(
    ("body", "code", "number"),
    [
        (b"", 5, None), (b" \n", 5, None), (b"text", 6, 0), (b'{"event":1}{"event"', 6, 1), (b'{"event":1}{"a":1}', 12, 1),
        (b'{"event":' + b"[" * 5_000 + b"]" * 5_000 + b"}", 6, 0), (b'{"event":""}', 13, 0), (b'{"event":null}', 13, 0),
        (b"[" * 5_000, 5, None),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_by_splunk_s_codes_and_nothing_is_kept(house, body: bytes, code: int, number: int | None) -> None:
    answered = house.ask("POST", "/services/collector/event", body, **SPLUNK)
    assert (answered.status, answered.json["code"], answered.json.get("invalid-event-number")) == (400, code, number)
    assert house.kept == []


def test_who_may_send_is_said_by_splunk_s_codes(house) -> None:
    basic = base64.b64encode(b"x:edge-token").decode()
    for header, status, code in (("", 401, 2), ("Splunk other", 403, 4), ("edge-token", 401, 3), (f"Basic {basic}", 200, 0)):
        answered = house.ask("POST", "/services/collector/event", b'{"event":1}', authorization=header)
        assert (answered.status, answered.json["code"]) == (status, code)
    assert house.read == 1


def test_a_full_journal_is_a_busy_server_also_for_who_asks_for_its_health(house) -> None:
    assert house.ask("GET", "/services/collector/health", authorization="").json["code"] == 17
    house.refusing = RefusedError("full", 30)
    answered = house.ask("POST", "/services/collector/event", b'{"event":1}', **SPLUNK)
    assert (answered.status, answered.json, answered.headers["retry-after"]) == (503, {"text": "Server is busy", "code": 9}, "30")
    assert house.ask("GET", "/services/collector/health/1.0", authorization="").status == 503


def test_an_acknowledgement_is_true_only_for_what_is_kept(house) -> None:
    channel = {"x_splunk_request_channel": "c1", **SPLUNK}
    given = [house.ask("POST", "/services/collector/event", b'{"event":1}', **channel).json["ackId"] for _ in range(2)]
    assert given == [0, 1]
    house.refusing = RefusedError("full", 1)
    assert "ackId" not in house.ask("POST", "/services/collector/event", b'{"event":1}', **channel).json
    asked = b'{"acks":[0,1,2]}'
    assert house.ask("POST", "/services/collector/ack?channel=c1", asked, **SPLUNK).json == {"acks": {"0": True, "1": True, "2": False}}
    assert house.ask("POST", "/services/collector/ack", asked, **SPLUNK).json["code"] == 10
    assert house.ask("POST", "/services/collector/ack", b"[]", **channel).json["code"] == 6
    assert house.ask("POST", "/services/collector/ack", asked, x_splunk_request_channel="c" * 129).json["code"] == 11


def test_other_paths_and_ways_are_refused(house) -> None:
    assert house.ask("POST", "/services/other").status == 404
    assert house.ask("GET", "/services/collector/event").status == 405
    assert house.ask("POST", "/services/collector/health").status == 404


_PARTS = [
    '{"event":1}',
    '{"event":"}{"}',
    '{"event":{"a":[{}]}}',
    "\n",
    "\r\n",
    " ",
    '{"event":""}',
    "{}",
    '{"event":null}',
    "}{",
    "{",
    '"',
]


@given(st.lists(st.sampled_from(_PARTS)).map("".join))
def test_both_ways_of_cutting_agree(body: str) -> None:
    quick = _plain(body.encode())
    try:
        slowly = list(_each(body.encode()))
    except HecError:
        assert quick is None
    else:
        assert quick is None or [json.loads(line) for line in quick] == [json.loads(line) for line in slowly]


def test_events_are_cut_at_what_stands_between_them() -> None:
    assert _plain(b'{"event":1}{"event":2}\n{"a":3,"event":4}\r\n') == [b'{"event":1}', b'{"event":2}', b'{"a":3,"event":4}']
    assert _plain(b'{"event":"}{"}') is None
    assert list(_envelopes(b'{"event":"}{"}{"event":1}')) == [b'{"event":"}{"}', b'{"event":1}']
