import json
from pathlib import Path

import pytest

from watchkeeper.ingest.alerts import reader_for
from watchkeeper.ingest.reader import Row

CASES = Path(__file__).parents[2] / "cases" / "ingest"
CALL = {
    "version": "4", "groupKey": "{}", "status": "firing", "receiver": "watchkeeper", "groupLabels": {"alertname": "A"},
    "commonLabels": {"alertname": "A"}, "commonAnnotations": {}, "externalURL": "http://am",
    "alerts": [
        {"status": "firing", "labels": {"alertname": "A", "severity": "critical"}, "annotations": {"summary": "bad \ud800"},
         "startsAt": "2026-03-02T09:00:00Z", "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "", "fingerprint": "f1"},
        {"status": "resolved", "labels": {"alertname": "A"}, "startsAt": "2026-03-02T08:00:00Z", "fingerprint": "f2"},
    ],
}  # fmt: skip


def test_alertmanager_gives_a_record_an_alert_and_the_same_again_is_the_same(house, tmp_path: Path) -> None:
    for _ in range(2):
        assert house.ask("POST", "/webhook/alertmanager", json.dumps(CALL, indent=1).encode()).json == {"records": 2}
    ids = ("alertmanager/f1/2026-03-02T09:00:00Z/firing", "alertmanager/f2/2026-03-02T08:00:00Z/resolved")
    assert [one.ids for one in house.kept] == [ids, ids]
    records = [json.loads(line) for line in house.lines]
    assert (records[0]["groupLabels"], records[0]["labels"]["severity"], "commonLabels" in records[0]) == (
        {"alertname": "A"},
        "critical",
        False,
    )
    kept = tmp_path / "kept.jsonl"
    kept.write_bytes(house.kept[0].body)
    with kept.open("rb") as stream:
        found = [row.fields["signal.level"] for row in reader_for("alertmanager").rows(stream) if isinstance(row, Row)]
    assert found == ["critical", "informational"]


def test_wazuh_gives_its_own_id(house, tmp_path: Path) -> None:
    alerts = (CASES / "wazuh" / "basic" / "input.jsonl").read_bytes()
    assert house.ask("POST", "/webhook/wazuh", alerts).status == 200
    assert b"".join(line + b"\n" for line in house.lines) == alerts
    house.ask("POST", "/webhook/wazuh", b'{"id":"17.4","rule":{"id":"1"},\n"manager":{"name":"m"}}')
    assert house.kept[-1].ids == ("wazuh/m/17.4",)


def test_any_other_product_gives_a_record_an_object(house) -> None:
    assert house.ask("POST", "/webhook/json", b'[{"a":1},\n{"b":2}]').json == {"records": 2}
    assert (house.lines, house.kept[0].ids) == ([b'{"a":1}', b'{"b":2}'], ())


@pytest.mark.parametrize("body", [b"text", b'{"alerts":1}', b'{"alerts":[1]}', b"{"])
def test_what_is_none_is_refused_whole(house, body: bytes) -> None:
    assert house.ask("POST", "/webhook/alertmanager", body).status == 400
    assert house.kept == []


def test_other_paths_are_refused_and_say_what_there_is(house) -> None:
    answered = house.ask("POST", "/webhook/other", b"{}")
    assert (answered.status, "alertmanager, json, wazuh" in answered.json["error"]) == (404, True)
    assert house.ask("GET", "/webhook/json").status == 405


def test_what_is_said_of_a_group_does_not_fill_the_memory(house_with) -> None:
    house = house_with(inflated_bytes=1_000_000)
    call = {**CALL, "externalURL": "x" * 10_000, "alerts": [{}] * 1_000}
    assert house.ask("POST", "/webhook/alertmanager", json.dumps(call).encode()).status == 413
