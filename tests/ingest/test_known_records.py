"""Who knows a record."""

import json
from pathlib import Path

from watchkeeper.ingest.jsonstream import Record, decode
from watchkeeper.ingest.known_records import known_record
from watchkeeper.ingest.record_format import formats

CASES = Path(__file__).parent.parent / "cases" / "ingest" / "json_records"


def _record(value: object) -> Record:
    found = decode(json.dumps(value).encode())
    assert isinstance(found, Record)
    return found


def test_whoever_fits_is_asked() -> None:
    records = [decode(line) for line in (CASES / "mixed" / "input.json").read_bytes().splitlines()]
    for record in records:
        assert isinstance(record, Record)
        fits = [known.name for known in formats() if known.fits(record.value)]
        found = known_record(record)
        assert (found[0] if found else None) == (fits[0] if fits else None)


def test_dotted_names_are_found_too() -> None:
    found = known_record(_record({"kibana.alert.rule.name": "x", "kibana.alert.severity": "low"}))
    assert found is not None
    assert found[0] == "elastic"
    found = known_record(_record({"protoPayload.methodName": "x", "protoPayload.serviceName": "y"}))
    assert found is not None
    assert found[0] == "gcp_audit"


def test_nobody_knows_what_has_no_mark() -> None:
    assert known_record(_record({"a": 1})) is None
    assert known_record(_record({})) is None
