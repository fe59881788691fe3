import json

import pytest

from watchkeeper.ingest.listeners.elastic import VERSION
from watchkeeper.model.received import RefusedError


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize("path", ["/_bulk", "/logs-edge/_bulk"])
def test_bulk_keeps_and_answers(house, method: str, path: str) -> None:
    answered = house.ask(method, path, b'{"create":{"_index":"x","_id":"1"}}\n{"a":1}\n{"delete":{"_index":"x"}}\n')
    assert answered.status == 200
    assert answered.headers["x-elastic-product"] == "Elasticsearch"
    assert [next(iter(item.values()))["status"] for item in answered.json["items"]] == [201, 400]
    assert house.lines == [b'{"a":1}']
    assert house.kept[0].ids == ("x/1",)
    counts = house.desk.counts
    assert [(one.kind, one.number) for one in counts] == [("bytes", 8), ("malformed", 1), ("records", 1)]


def test_a_full_journal_is_told_as_429(house) -> None:
    house.refusing = RefusedError("full", 0)
    answered = house.ask("POST", "/_bulk", b'{"create":{"_index":"x"}}\n{}\n')
    assert (answered.status, answered.headers["retry-after"]) == (429, "1")
    assert answered.json["error"]["type"] == "es_rejected_execution_exception"


def test_rsyslog_which_gives_up_what_is_refused_is_broken_off_and_tries_again(house) -> None:
    house.refusing = RefusedError("full", 5)
    answered = house.ask("POST", "/_bulk", b'{"create":{"_index":"x"}}\n{}\n', accept="*/*", content_type="application/json; charset=utf-8")
    assert (answered.body, int(answered.headers["content-length"]) > 0) == (b"", True)


def test_a_body_of_nothing_or_too_much_is_refused(house_with) -> None:
    house = house_with(records=2, body_bytes=1_000)
    assert house.ask("POST", "/_bulk", b"\n").status == 400
    assert house.ask("POST", "/_bulk", b'{"create":{"_index":"x"}}\n{}\n' * 3).status == 413
    assert house.ask("GET", "/_bulk").status == 405


@pytest.mark.parametrize(
    "accept", ["application/vnd.elasticsearch+json; compatible-with=9", "application/vnd.elasticsearch+json;compatible-with=8"]
)
def test_the_content_type_is_the_client_s(house, accept: str) -> None:
    answered = house.ask("GET", "/", accept=accept)
    assert answered.headers["content-type"] == accept.replace("; ", ";")
    assert answered.json["version"]["number"].startswith(accept[-1])
    assert house.ask("GET", "/").headers["content-type"] == "application/json"


def test_a_shipper_is_never_newer_than_its_server(house) -> None:
    assert house.ask("GET", "/", user_agent="Elastic-filebeat/9.3.1 (linux; amd64)").json["version"]["number"] == "9.3.1"
    assert house.ask("GET", "/", user_agent="curl/8").json["version"]["number"] == VERSION
    assert house.ask("GET", "/?filter_path=version.number").json == {"version": {"number": VERSION}}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("HEAD", "/", 200), ("GET", "/_license", 200), ("GET", "/_xpack", 200), ("GET", "/_cluster/health", 200),
        ("GET", "/_index_template/filebeat", 404), ("HEAD", "/_index_template/filebeat", 404), ("PUT", "/_index_template/filebeat", 200),
        ("PUT", "/_component_template/x", 200), ("GET", "/_ilm/policy/x", 404), ("PUT", "/_ilm/policy/x", 200),
        ("PUT", "/_ingest/pipeline/x", 200), ("PUT", "/_data_stream/x", 200), ("GET", "/_data_stream/x", 404),
        ("PUT", "/logs-2026", 200), ("HEAD", "/logs-2026", 200), ("GET", "/logs-2026", 404), ("DELETE", "/logs-2026", 404),
        ("PUT", "/%3Clogstash-%7Bnow%2Fd%7D-000001%3E", 200), ("POST", "/logs/_search", 404), ("DELETE", "/_index_template/x", 404),
    ],
)  # fmt: skip
def test_what_shippers_ask_before_they_send(house, method: str, path: str, status: int) -> None:
    answered = house.ask(method, path)
    assert answered.status == status
    assert (answered.body == b"") == (method == "HEAD")
    assert int(answered.headers["content-length"]) > 0


def test_health_as_text_and_as_json(house) -> None:
    assert b"green" in house.ask("GET", "/_cat/health").body
    assert house.ask("GET", "/_cat/health?v").body.startswith(b"cluster status")
    assert house.ask("GET", "/_cat/health", accept="application/json").json[0]["status"] == "green"


def test_nobody_is_answered_without_a_token(house) -> None:
    for path in ("/", "/_license", "/_bulk", "/logs", "/_cat/health"):
        answered = house.ask("GET", path, authorization="")
        assert (answered.status, answered.headers["www-authenticate"][:5]) == (401, "Basic")
    assert house.ask("POST", "/_bulk", b"x", authorization="Bearer other").status == 401
    assert house.read == 0, "a body was read before anybody was let in"
    assert house.desk.counts.of("unknown", "bulk", "") == 6


def test_the_answer_to_a_head_says_the_length_of_its_get(house) -> None:
    assert house.ask("HEAD", "/").headers["content-length"] == str(len(json.dumps(house.ask("GET", "/").json, separators=(",", ":"))))
