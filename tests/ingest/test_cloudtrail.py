"""CloudTrail as delivered, as lines, and as the command line gives it."""

import io
import json
import zipfile
from pathlib import Path

from watchkeeper.ingest.cloudtrail import cloudtrail
from watchkeeper.ingest.reader import HEAD_BYTES, Row, Skipped

CASES = Path(__file__).parent.parent / "cases" / "ingest" / "cloudtrail"


def _read(text: bytes) -> list[Row | Skipped]:
    return list(cloudtrail.rows(io.BytesIO(text)))


def test_a_delivered_file_gives_its_records() -> None:
    text = (CASES / "delivered" / "input.json").read_bytes()
    assert cloudtrail.sniff(text)
    first, second = [row for row in _read(text) if isinstance(row, Row)]
    assert first.fields["userIdentity.arn"] == "arn:aws:iam::111122223333:user/maria"
    assert first.fields["resources.ARN"] == ["arn:aws:iam::111122223333:user/backup", "arn:aws:iam::111122223333:user/other"]
    assert first.fields["readOnly"] == "false"
    assert "responseElements" not in first.fields
    assert second.fields["additionalEventData.bytesTransferredOut"] == "1.50"
    assert json.loads(first.raw)["eventName"] == "CreateAccessKey"


def test_lines_and_looked_up_events_are_read_and_the_rest_counted() -> None:
    found = _read((CASES / "lines" / "input.json").read_bytes())
    assert [item.fields["eventName"] if isinstance(item, Row) else item.reason for item in found] == [
        "GetCallerIdentity", "RunInstances", "not JSON", "JSON without eventSource and eventName", "not JSON",
    ]  # fmt: skip


def test_looked_up_events_in_their_wrapping_are_recognised() -> None:
    text = b'{"Events": [{"EventName": "X", "CloudTrailEvent": "{\\"eventSource\\":\\"s\\",\\"eventName\\":\\"X\\"}"}]}'
    assert cloudtrail.sniff(text)
    assert [row.fields["eventName"] for row in _read(text) if isinstance(row, Row)] == ["X"]


def test_other_json_is_left_to_others() -> None:
    assert not cloudtrail.sniff(b'{"eventSource": "x"}\n')
    assert not cloudtrail.sniff(b'{"Records": []}')


def test_every_record_of_the_attack_techniques_is_read(data: Path) -> None:
    with zipfile.ZipFile(data / "sources" / "stratus-cloudtrail.zip") as archive:
        for name in archive.namelist():
            text = archive.read(name)
            assert cloudtrail.sniff(text[:HEAD_BYTES]), name
            rows = _read(text)
            assert len(rows) == len(json.loads(text)), name
            assert all(isinstance(row, Row) and row.time is not None for row in rows), name
