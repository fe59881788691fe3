"""Azure tables and diagnostic records."""

import io
import zipfile
from pathlib import Path

import pytest

from watchkeeper.ingest.azure import azure
from watchkeeper.ingest.reader import HEAD_BYTES, Row, Skipped

CASES = Path(__file__).parent.parent / "cases" / "ingest" / "azure"


def _read(text: bytes) -> list[Row | Skipped]:
    return list(azure.rows(io.BytesIO(text)))


def test_the_table_is_the_service_whatever_a_query_made_of_type() -> None:
    found = _read((CASES / "tables" / "input.json").read_bytes())
    rows = [item for item in found if isinstance(item, Row)]
    assert [(row.logsource.product, row.logsource.service) for row in rows] == [
        ("azure", "AuditLogs"), ("m365", "OfficeActivity"), ("azure", "VMConnection"), ("linux", "syslog"),
    ]  # fmt: skip
    assert rows[0].fields["InitiatedBy.user.userPrincipalName"] == "maria@contoso.example"
    assert rows[0].fields["TargetResources.modifiedProperties.newValue"] == ["x"]
    assert rows[2].host == "APP01.contoso.example"
    assert found[-1] == Skipped("JSON without the members of an Azure record")


def test_diagnostic_records_stand_within_their_file() -> None:
    text = (CASES / "diagnostic" / "input.json").read_bytes()
    assert azure.sniff(text)
    rows = [item for item in _read(text) if isinstance(item, Row)]
    assert [row.logsource.service for row in rows] == ["Administrative", "SignInLogs"]
    assert rows[1].fields["properties.status.errorCode"] == "50126"
    assert all(row.time is not None for row in rows)


@pytest.mark.parametrize("table", ["SecurityEvent", "WindowsEvent", "SecurityAlert"])
def test_tables_that_others_read_are_left_to_them(table: str) -> None:
    assert not azure.sniff(b'{"TimeGenerated":"2026-03-02T09:00:00Z","Type":"%s"}\n' % table.encode())


def test_the_tables_of_the_public_sets_are_read_whole(data: Path) -> None:
    compound = data / "otrf" / "compound"
    paths = [
        compound / "GoldenSAMLADFSMailAccess" / "AADAuditEvents.Zip",
        compound / "GoldenSAMLADFSMailAccess" / "OfficeActivityEvents.Zip",
        *(compound / "Log4Shell").glob("vminsights*.zip"),
    ]
    for path in paths:
        with zipfile.ZipFile(path) as archive:
            text = archive.read(archive.namelist()[0])
        assert azure.sniff(text[:HEAD_BYTES])
        rows = _read(text)
        assert len(rows) == len([line for line in text.splitlines() if line.strip()])
        assert all(isinstance(row, Row) and row.time is not None and row.logsource.service for row in rows)
