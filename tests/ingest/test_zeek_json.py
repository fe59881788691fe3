"""Zeek's JSON: names as in TSV, paths written or guessed."""

import io
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from watchkeeper.ingest.reader import HEAD_BYTES, Row, Skipped
from watchkeeper.ingest.zeek_json import zeek_json

CASE = Path(__file__).parent.parent / "cases" / "ingest" / "zeek_json" / "underscored" / "input.log"


def _read(text: bytes) -> list[Row | Skipped]:
    return list(zeek_json.rows(io.BytesIO(text)))


def test_names_are_those_of_the_tsv_whatever_they_were_written_as() -> None:
    rows = [row for row in _read(CASE.read_bytes()) if isinstance(row, Row)]
    assert [row.logsource.service for row in rows] == ["conn", "x509", "loaded_scripts", "dns", "conn", "files"]
    assert rows[0].fields["id.orig_h"] == "10.20.0.7"
    assert rows[0].fields["duration"] == "1.50", "numbers stay as written"
    assert rows[1].fields["certificate.subject"] == "CN=portal.example"
    assert rows[1].fields["san.dns"] == ["portal.example", "www.portal.example"]
    assert rows[4].fields["id.resp_p"] == "22"
    assert rows[4].host == "10.20.0.8"
    assert rows[5].fields["seen_bytes"] == "12", "an underscore of Zeek's own stays"


def test_kerberos_is_known_though_it_names_a_cipher_as_tls_does() -> None:
    (row,) = _read(
        b'{"ts":1,"uid":"C1","id.orig_h":"10.0.0.7","request_type":"TGS","client":"ann/CORP","cipher":"aes256-cts-hmac-sha1-96"}'
    )
    assert isinstance(row, Row)
    assert row.logsource.service == "kerberos"


def test_what_is_not_zeek_is_counted() -> None:
    reasons = Counter(item.reason for item in _read(CASE.read_bytes()) if isinstance(item, Skipped))
    assert reasons == {"JSON without ts and path, not a Zeek record": 1, "not JSON": 1}


@pytest.mark.parametrize(
    "head",
    [
        b'{"event_type":"alert","timestamp":"2026-03-02T10:00:00+0100","flow_id":1}\n',
        b'{"ts":1,"msg":"some service"}\n',
        b'{"EventID":1,"Channel":"Security"}\n',
        b"#separator \\x09\n#fields\tts\n",
        b"",
    ],
)
def test_other_json_is_left_to_others(head: bytes) -> None:
    assert not zeek_json.sniff(head)


def test_a_first_line_that_is_broken_does_not_hide_the_format() -> None:
    assert zeek_json.sniff(b'{"ts":1,"ui\n{"ts":2,"uid":"C","id.orig_h":"10.0.0.1"}\n')


def test_the_emulation_days_are_read_whole(data: Path) -> None:
    with zipfile.ZipFile(data / "zeek" / "apt29.zip") as archive:
        for name in [name for name in archive.namelist() if name.endswith(".log")]:
            text = archive.read(name)
            assert zeek_json.sniff(text[:HEAD_BYTES])
            rows = _read(text)
            assert len(rows) == len(text.splitlines())
            for row in rows:
                assert isinstance(row, Row)
                assert row.logsource.service
                assert not any(field.startswith(("id_orig", "id_resp", "certificate_")) for field in row.fields)
