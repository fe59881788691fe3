"""EVE records and what an alert says as a signal."""

import io
import json
import zipfile
from pathlib import Path

from watchkeeper.ingest.reader import HEAD_BYTES, Row, Skipped
from watchkeeper.ingest.suricata import suricata

CASES = Path(__file__).parent.parent / "cases" / "ingest" / "suricata"


def _read(text: bytes) -> list[Row | Skipped]:
    return list(suricata.rows(io.BytesIO(text)))


def test_every_event_type_is_a_service_and_nesting_is_dotted() -> None:
    found = _read((CASES / "ndjson" / "input.json").read_bytes())
    rows = [item for item in found if isinstance(item, Row)]
    assert [row.logsource.service for row in rows] == ["dns", "alert", "stats", "alert"]
    assert rows[0].fields["dns.rrname"] == "files.example"
    assert rows[2].fields["stats.capture.kernel_packets"] == "5"
    assert rows[0].time is not None
    assert rows[0].time.isoformat() == "2026-03-02T09:00:00.123456+00:00"
    assert [item.reason for item in found if isinstance(item, Skipped)] == ["JSON without event_type", "not JSON"]


def test_an_alert_carries_its_signal_and_no_other_event_does() -> None:
    dns, alert, stats, odd = [item for item in _read((CASES / "ndjson" / "input.json").read_bytes()) if isinstance(item, Row)]
    assert {name: value for name, value in alert.fields.items() if name.startswith("signal.")} == {
        "signal.rule": "1:9000001",
        "signal.title": "TEST Web shell upload",
        "signal.level": "high",
        "signal.detector": "suricata",
        "signal.techniques": ["T1505.003"],
        "signal.tactics": ["persistence", "initial-access"],
        "signal.entities": ["address:203.0.113.5", "address:10.20.0.8", "domain:shop.example"],
    }
    assert alert.host == "10.20.0.8", "the end inside is the host it is about"
    assert odd.fields["signal.level"] == "informational"
    assert not any(name.startswith("signal.") for row in (dns, stats) for name in row.fields)


def test_an_array_is_read_like_lines() -> None:
    rows = _read((CASES / "array" / "input.json").read_bytes())
    assert [row.logsource.service for row in rows if isinstance(row, Row)] == ["tls", "fileinfo"]


def test_other_json_is_left_to_others() -> None:
    assert not suricata.sniff(b'{"event_type":"click","user":"x"}\n')
    assert not suricata.sniff(b"[1, 2, 3]")
    assert not suricata.sniff(b"event_type timestamp flow_id")


def test_every_alert_of_the_sample_sets_is_a_signal(data: Path) -> None:
    with zipfile.ZipFile(data / "sources" / "suricata-alerts.zip") as archive:
        for name in [name for name in archive.namelist() if name.endswith("alerts-only.json")]:
            text = archive.read(name)
            assert suricata.sniff(text[:HEAD_BYTES])
            rows = _read(text)
            assert len(rows) == len(json.loads(text))
            for row in rows:
                assert isinstance(row, Row)
                assert row.time is not None
                assert row.fields["signal.title"] == row.fields["alert.signature"]
