"""Alerts of other products: the shipped mappings, a person's own, and what must never be read."""

import csv
import io
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from watchkeeper.ingest.alerts import ALERT_READERS, SHIPPED, is_alert, reader_for
from watchkeeper.ingest.reader import HEAD_BYTES, Reader, Row, Skipped
from watchkeeper.model.level import LEVELS

CASES = Path(__file__).parent.parent / "cases" / "ingest"
MAPPING = """\
name: acme
format: [csv, jsonl]
columns: [when, what]
leave_out: [truth]
time: [{field: when, unit: ms}]
rule: what
title: what
detector: [{text: acme-edr}]
level: [{field: severity, values: {"9": critical}}, {text: low}]
host: [{field: device.name}, {field: device}]
entities: [{kind: address, field: ip}]
"""


def _read(reader: Reader, text: bytes) -> list[Row | Skipped]:
    return list(reader.rows(io.BytesIO(text)))


def _rows(reader: Reader, text: bytes) -> list[Row]:
    return [row for row in _read(reader, text) if isinstance(row, Row)]


def _signal(row: Row) -> dict[str, object]:
    return {name.removeprefix("signal."): value for name, value in row.fields.items() if name.startswith("signal.")}


def test_what_an_analyst_labelled_is_neither_in_the_fields_nor_in_the_text() -> None:
    rows = _rows(reader_for("ait-ads"), (CASES / "ait-ads" / "basic" / "input.csv").read_bytes())
    assert len(rows) == 6
    for row in rows:
        assert not {"time_label", "event_label"} & row.fields.keys()
        assert "phase" not in row.raw
        assert "step" not in row.raw
        assert "false_positive" not in row.raw


def test_levels_of_a_product_without_severity_come_from_its_words() -> None:
    rows = _rows(reader_for("ait-ads"), (CASES / "ait-ads" / "basic" / "input.csv").read_bytes())
    assert [row.fields["signal.level"] for row in rows] == ["high", "medium", "low", "informational", "low", "low"]
    assert [row.fields["signal.detector"] for row in rows[:3]] == ["wazuh", "suricata", "aminer"]


def test_bad_records_are_counted_and_the_others_read() -> None:
    found = _read(reader_for("ait-ads"), (CASES / "ait-ads" / "basic" / "input.csv").read_bytes())
    assert [item.reason for item in found if isinstance(item, Skipped)] == [
        "more or fewer values than the header names",
        "alert that names no rule",
    ]


def test_defender_alerts_carry_entities_techniques_and_the_time_of_the_activity() -> None:
    shell, mail = _rows(reader_for("defender"), (CASES / "defender" / "csv" / "input.csv").read_bytes())
    assert shell.host == "pc01"
    assert shell.time is not None
    assert shell.time.isoformat() == "2026-03-02T09:00:00.250000+00:00"
    assert _signal(shell) == {
        "rule": "Suspicious shell",
        "title": "Suspicious shell",
        "level": "high",
        "detector": "Microsoft Defender for Endpoint",
        "user": "maria",
        "techniques": ["T1059.004", "T1059"],
        "tactics": ["execution", "lateral-movement"],
        "entities": [
            "user:maria",
            "address:203.0.113.5",
            "host:pc01",
            "file:C:\\Windows\\cmd.exe",
            "hash:bbcc",
            "registry:HKEY_LOCAL_MACHINE\\SOFTWARE\\Run",
        ],
    }
    assert (mail.host, mail.fields["signal.user"]) == ("", "maria")


def test_the_same_product_is_read_from_json() -> None:
    [row] = _rows(reader_for("defender"), (CASES / "defender" / "jsonl" / "input.jsonl").read_bytes())
    assert _signal(row)["entities"] == ["user:maria", "address:203.0.113.5"]
    assert _signal(row)["techniques"] == ["T1078"]


def test_a_persons_own_mapping_reads_both_formats(tmp_path: Path) -> None:
    path = tmp_path / "acme.yml"
    path.write_text(MAPPING, "utf-8")
    reader = reader_for(str(path))
    [row] = _rows(reader, b"when,what,severity,device,ip,truth\n1772442000250,Bad thing,9,PC01,2001:DB8::1,secret\n")
    assert (row.logsource.product, row.host, row.fields["signal.level"]) == ("acme", "PC01", "critical")
    assert row.fields["signal.entities"] == ["address:2001:db8::1"]
    assert "secret" not in row.raw
    [row] = _rows(reader, b'{"when":1772442000250,"what":"Bad thing","device":{"name":"PC02"},"ip":["192.0.2.1"],"truth":"secret"}\n')
    assert (row.host, row.fields["signal.level"]) == ("PC02", "low")
    assert row.fields["signal.entities"] == ["address:192.0.2.1"]
    assert row.time is not None
    assert row.time.microsecond == 250_000
    assert "secret" not in row.raw
    assert "truth" not in row.fields


def test_quoted_cells_survive_in_the_text(tmp_path: Path) -> None:
    path = tmp_path / "acme.yml"
    path.write_text(MAPPING, "utf-8")
    [row] = _rows(reader_for(str(path)), b'truth,when,what\nsecret,1,"a ""b"", c\nd"\n')
    assert row.fields["what"] == 'a "b", c\nd'
    assert next(csv.reader(io.StringIO(row.raw, newline=""))) == ["1", 'a "b", c\nd']


def test_a_name_that_is_neither_mapping_nor_file_is_an_error_that_helps() -> None:
    with pytest.raises(FileNotFoundError, match=r"'nessuno': give the path of a YAML file, or one of ait-ads, alertmanager, crowdstrike"):
        reader_for("nessuno")


@pytest.mark.parametrize("reader", ALERT_READERS, ids=lambda reader: reader.name)
@pytest.mark.parametrize(
    "text",
    [b"", b"\n", b"a,b\n1,2\n", b'{"a":1}\n', b"[", b"\x00" * 100, b'time,name,ip,host,short\n"', b"time,name,ip,host,short\n1,a\rb,c\n"],
)
def test_what_is_no_alert_is_skipped_and_never_raises(reader: Reader, text: bytes) -> None:
    assert all(isinstance(item, Skipped) for item in _read(reader, text))
    assert text.startswith(b"time,name") or not reader.sniff(text)


def test_a_line_broken_inside_a_cell_costs_one_record() -> None:
    found = _read(reader_for("ait-ads"), b"time,name,ip,host,short\n1,a\rb,c,d,e\n1772442000,x,192.0.2.1,h,s\n")
    assert [type(item) for item in found] == [Skipped, Row]


@pytest.mark.parametrize(
    "broken", ['1,"x,192.0.2.1,h,s', '1,x,192.0.2.1,h,"s', '1,x,192.0.2.1,h,s,"', '"', '1,"x\n\n,192.0.2.1,h,s', '1,x,"\n2,x",3,h,s']
)
def test_a_quote_that_is_never_closed_costs_its_line_alone(broken: str, split: Any) -> None:
    good = "1772442000,x,192.0.2.1,h,s\n"
    found, skipped = split(_read(reader_for("ait-ads"), f"time,name,ip,host,short\n{good}{broken}\n{good}{good}".encode()))
    assert [row.raw for row in found].count(good.rstrip()) == 3
    assert len(found) + len(skipped) == 3 + sum(bool(line) for line in broken.split("\n"))


def test_the_stream_is_left_open() -> None:
    stream = io.BytesIO((CASES / "ait-ads" / "basic" / "input.csv").read_bytes())
    next(iter(reader_for("ait-ads").rows(stream)))
    assert not stream.closed


def test_incidents_which_are_the_truth_are_not_taken_for_alerts(data: Path) -> None:
    with zipfile.ZipFile(data / "alerts" / "excytin.zip") as archive:
        alerts, incidents = archive.read("alerts.csv"), archive.read("incidents.csv")
    assert [reader.name for reader in ALERT_READERS if reader.sniff(alerts[:HEAD_BYTES])] == ["defender"]
    assert [reader.name for reader in ALERT_READERS if reader.sniff(incidents[:HEAD_BYTES])] == []
    rows = _rows(reader_for("defender"), alerts)
    assert len(rows) == 90
    assert all(row.time is not None and row.fields["signal.level"] in LEVELS and "signal.entities" in row.fields for row in rows)


def test_a_testbeds_alerts_are_read_without_their_labels(data: Path) -> None:
    with zipfile.ZipFile(data / "alerts" / "ait-ads.zip") as archive:
        name = min((name for name in archive.namelist() if name.endswith(".csv")), key=lambda name: archive.getinfo(name).file_size)
        text = b"".join(archive.read(name).splitlines(keepends=True)[-8_000:-1])
        text = b"time,name,ip,host,short,time_label,event_label\n" + text
    assert [reader.name for reader in ALERT_READERS if reader.sniff(text[:HEAD_BYTES])] == ["ait-ads"]
    found = _read(reader_for("ait-ads"), text)
    assert Counter(type(item) for item in found) == {Row: text.count(b"\n") - 1}
    labels = {label for line in csv.DictReader(io.StringIO(text.decode())) for label in (line["time_label"], line["event_label"])} - {"-"}
    for item in found:
        assert isinstance(item, Row)
        assert item.time is not None
        assert len(item.raw.split(",")) <= len(item.fields["name"].split(",")) + 4 if isinstance(item.fields["name"], str) else False
        assert not item.raw.endswith(tuple(f",{label}" for label in labels))


@pytest.mark.parametrize("name", [mapping.name for mapping in SHIPPED if "jsonl" in mapping.format and mapping.name != "defender"])
def test_every_alert_in_json_says_when_what_and_how_bad(name: str) -> None:
    rows = [
        row for row in _rows(reader_for(name), (CASES / name / "basic" / "input.jsonl").read_bytes()) if row.logsource.service == "alerts"
    ]
    assert rows
    for row in rows:
        signal = _signal(row)
        assert row.time is not None
        assert signal["title"]
        assert signal["level"] in LEVELS
        assert signal.get("user", "") == str(signal.get("user", "")).partition(",")[0]


def test_an_alert_of_wazuh_carries_the_windows_event_it_is_about() -> None:
    found = _read(reader_for("wazuh"), (CASES / "wazuh" / "basic" / "input.jsonl").read_bytes())
    assert [one.logsource.product if isinstance(one, Row) else one.reason for one in found] == [
        "wazuh", "wazuh", "windows", "alert that names no rule", "windows",
    ]  # fmt: skip
    event = found[2]
    assert isinstance(event, Row)
    assert (event.logsource.event_type, event.fields["Image"]) == ("1", "C:\\Windows\\System32\\cmd.exe")


def test_a_key_may_be_nested_or_dotted() -> None:
    [elastic] = [mapping for mapping in SHIPPED if mapping.name == "elastic"]
    assert is_alert(elastic, {"kibana.alert.rule.name": "x", "kibana.alert.severity": "low"})
    assert is_alert(elastic, {"kibana": {"alert": {"rule": {"name": "x"}, "severity": "low"}}})
    assert not is_alert(elastic, {"kibana": {"alert": {"severity": "low"}}})
