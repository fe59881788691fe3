"""Sysmon for Linux in syslog, in Sentinel's table, over several lines, and damaged."""

import io
import zipfile
from collections import Counter
from pathlib import Path

from watchkeeper.ingest.reader import HEAD_BYTES, Row, Skipped
from watchkeeper.ingest.sysmon_linux import sysmon_linux

CASES = Path(__file__).parent.parent / "cases" / "ingest" / "sysmon_linux"
CUT_OFF = "Sysmon event that is cut off"


def _read(text: bytes) -> list[Row | Skipped]:
    return list(sysmon_linux.rows(io.BytesIO(text)))


def test_events_are_found_wherever_they_stand() -> None:
    found = _read((CASES / "syslog" / "input.log").read_bytes())
    assert [item.logsource.event_type if isinstance(item, Row) else item.reason for item in found] == [
        "1", "line without a Sysmon event", "5", "3", CUT_OFF, "1", "1", CUT_OFF,
    ]  # fmt: skip
    rows = [item for item in found if isinstance(item, Row)]
    assert rows[0].fields["CommandLine"] == 'nc -e "/bin/sh" <x>'
    assert rows[0].fields["Provider_Name"] == "Linux-Sysmon"
    assert rows[1].fields["Image"] == "<unknown process>", "the collector had turned semicolons into blanks"
    assert rows[1].host == "APP01"
    assert rows[2].time is not None, "the event has no SystemTime but a UtcTime"


def test_entities_are_never_expanded() -> None:
    found = _read((CASES / "hostile" / "input.log").read_bytes())
    assert [isinstance(item, Row) for item in found] == [False, False, True, False]
    assert "root:" not in repr(found)


def test_an_event_that_never_ends_is_given_up() -> None:
    found = _read(b"<Event>\n" + b"<x/>\n" * 5_000)
    assert found[0] == Skipped(CUT_OFF)
    assert len(found) > 1_000


def test_only_the_provider_is_recognised() -> None:
    assert sysmon_linux.sniff(b'x <Event><System><Provider Name="Linux-Sysmon" Guid=""/>')
    assert not sysmon_linux.sniff(b'<Event><System><Provider Name="Microsoft-Windows-Sysmon"/>')
    assert not sysmon_linux.sniff(b"apt install Linux-Sysmon")


def test_the_public_set_is_read_whole(data: Path) -> None:
    [path] = (data / "otrf" / "compound" / "Log4Shell").glob("syslog_sysmon*.zip")
    with zipfile.ZipFile(path) as archive:
        text = archive.read(archive.namelist()[0])
    assert sysmon_linux.sniff(text[:HEAD_BYTES])
    found = _read(text)
    assert len(found) == len(text.splitlines())
    whole = sum(b"/Event\\u003e" in line for line in text.splitlines())
    assert Counter(type(item) for item in found) == {Row: whole, Skipped: len(found) - whole}
