"""Audit records, bare, in syslog, and as a collector's JSON."""

import io
import time
import zipfile
from pathlib import Path

import pytest

from watchkeeper.ingest.auditd import auditd
from watchkeeper.ingest.reader import HEAD_BYTES, Row, Skipped

CASES = Path(__file__).parent.parent / "cases" / "ingest" / "auditd"


def _read(text: bytes) -> list[Row | Skipped]:
    return list(auditd.rows(io.BytesIO(text)))


def _case(name: str) -> list[Row]:
    return [row for row in _read((CASES / name / "input.log").read_bytes()) if isinstance(row, Row)]


def test_a_few_records_among_other_lines_make_no_audit_log() -> None:
    record, other = b"type=SYSCALL msg=audit(1.1:1): a=b\n", b"Mar  2 09:00:00 host1 sshd[1]: x\n"
    assert auditd.sniff(record + other)
    assert not auditd.sniff(record + other + other)


def test_what_auditd_writes_as_hex_is_decoded_and_nothing_else() -> None:
    call, run, title, login, path, _socket = _case("raw")
    assert call.fields["comm"] == "nc -l"
    assert call.fields["key"] == ["exec", "admin"]
    assert call.fields["a0"] == "55d0", "a register is no text"
    assert call.fields["SYSCALL"] == "execve"
    assert run.fields["a1"] == "-e/bin/sh -v"
    assert run.fields["a2"] == "AAAABBBB", "an argument in pieces is one argument"
    assert title.fields["proctitle"] == "nc -l 4444"
    assert login.fields["acct"] == "maria"
    assert login.host == "web01"
    assert path.fields["name"] == "/srv/a file"


def test_a_record_has_its_type_time_and_serial() -> None:
    row = _case("raw")[0]
    assert (row.logsource.product, row.logsource.service, row.logsource.event_type) == ("linux", "auditd", "SYSCALL")
    assert row.time is not None
    assert row.time.isoformat() == "2026-03-02T09:00:00.250000+00:00"
    assert row.fields["type"] == "SYSCALL"
    assert row.fields["audit_serial"] == "101"


def test_a_socket_address_is_readable_whether_auditd_enriched_it_or_not() -> None:
    socket = _case("raw")[5]
    assert (socket.fields["laddr"], socket.fields["lport"]) == ("203.0.113.5", "4444")


def test_wrapped_records_take_their_host_from_the_wrapping() -> None:
    rows = _case("syslog")
    assert [row.host for row in rows] == ["db01", "db02", "APP01", "APP01"]
    assert rows[2].fields["cmdline"] == 'bash -c "{echo,aQ==}|{base64,-d}"'
    assert rows[2].fields["path_name"] == ["/bin/bash", "/lib/ld.so"]
    assert rows[3].fields["proctitle"] == "/usr/bin/java -Dx=1 -jar a.jar"


def test_lines_that_are_no_record_are_counted() -> None:
    reasons = [
        item.reason for name in ("raw", "syslog") for item in _read((CASES / name / "input.log").read_bytes()) if isinstance(item, Skipped)
    ]
    assert reasons == ["line without an audit record"] * 3 + ["not JSON"]


@pytest.mark.parametrize("filling", ["a", "a=", 'a="', "a={", "a=[", "node=", "msg='", "type=X msg=audit(", "6E"])
def test_a_long_line_costs_no_more_than_its_length(filling: str) -> None:
    line = "type=EXECVE msg=audit(1772442000.250:101): " + filling * (500_000 // len(filling))
    start = time.process_time()
    assert len(_read(line.encode())) == 1
    assert time.process_time() - start < 5


def test_every_record_of_the_public_sets_is_read(data: Path) -> None:
    sets = [*(data / "otrf" / "atomic" / "linux").rglob("*.zip"), *(data / "otrf" / "compound" / "Log4Shell").glob("syslog_auoms*.zip")]
    assert sets
    for path in sets:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                text = archive.read(name)
                assert auditd.sniff(text[:HEAD_BYTES]), name
                rows = _read(text)
                assert len(rows) == len(text.splitlines())
                assert all(isinstance(row, Row) and row.time is not None for row in rows), name
