"""Microsoft 365's audit log and advanced hunting rows."""

import io
import zipfile
from pathlib import Path

from watchkeeper.ingest.m365 import m365
from watchkeeper.ingest.reader import HEAD_BYTES, Row, Skipped

CASES = Path(__file__).parent.parent / "cases" / "ingest" / "m365"


def _read(text: bytes) -> list[Row | Skipped]:
    return list(m365.rows(io.BytesIO(text)))


def test_audit_records_are_read_bare_and_inside_a_search_result() -> None:
    found = _read((CASES / "audit" / "input.json").read_bytes())
    rows = [item for item in found if isinstance(item, Row)]
    assert [row.fields["Operation"] for row in rows] == ["New-InboxRule", "FileDownloaded"]
    assert rows[0].fields["Parameters.Value"] == ["x@evil.example", "."]
    assert {row.logsource.service for row in rows} == {"audit"}
    assert [item.reason for item in found if isinstance(item, Skipped)] == [
        "not JSON",
        "JSON without the members of a Microsoft 365 record",
    ]


def test_hunting_rows_name_their_table_or_are_defenders() -> None:
    text = (CASES / "hunting" / "input.json").read_bytes()
    assert m365.sniff(text)
    rows = [item for item in _read(text) if isinstance(item, Row)]
    assert [row.logsource.service for row in rows] == ["defender", "DeviceNetworkEvents"]
    assert rows[0].host == "pc01.contoso.example"
    assert rows[0].fields["AdditionalFields.Signed"] == "true"
    assert "FileSize" not in rows[0].fields


def test_other_json_is_left_to_others() -> None:
    assert not m365.sniff(b'{"Timestamp":"x"}\n')
    assert not m365.sniff(b'{"TimeGenerated":"x","Type":"OfficeActivity","Operation":"y"}\n')


def test_the_public_set_is_read_whole(data: Path) -> None:
    with zipfile.ZipFile(data / "otrf" / "compound" / "GoldenSAMLADFSMailAccess" / "Microsoft365DefenderEvents.Zip") as archive:
        text = archive.read(archive.namelist()[0])
    assert m365.sniff(text[:HEAD_BYTES])
    rows = _read(text)
    assert len(rows) == len(text.splitlines())
    assert all(isinstance(row, Row) and row.time is not None for row in rows)
