"""Unwrapping messages."""

import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.ingest.reader import Skipped
from watchkeeper.ingest.syslog import Message, is_table_row, message, messages
from watchkeeper.ingest.years import ANY_YEAR

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
YEARLESS = AT.replace(year=ANY_YEAR)


def _messages(text: str) -> list[Message | Skipped]:
    return list(messages(io.BytesIO(text.encode())))


@pytest.mark.parametrize(
    ("line", "host", "program", "text"),
    [
        ("<13>Mar  2 09:00:00 web01 su: hello", "web01", "su", "hello"),
        ("Mar  2 09:00:00 web01 su(pam_unix)[12]: hello", "web01", "su(pam_unix)", "hello"),
        ("Mar 2 09:00:00 web01 postfix/smtpd[12]:hello", "web01", "postfix/smtpd", "hello"),
        ("Mar  2 09:00:00 su[12]: hello", "", "su", "hello"),
        ("Mar  2 09:00:00 web01 krb5kdc[12](info): hello", "web01", "krb5kdc", "hello"),
        ("Mar  2 09:00:00 web01 hello there: you", "web01", "", "hello there: you"),
        ("Mar  2 09:00:00 2001:db8::1 su: hello", "2001:db8::1", "su", "hello"),
        ("83 <13>Mar  2 09:00:00 web01 su: hello", "web01", "su", "hello"),
        ("Mar 02 2026 09:00:00: %ASA-4-106023: Deny", "", "", "%ASA-4-106023: Deny"),
        ("Mar 02 2026 09:00:00 fw1 : %ASA-4-106023: Deny", "fw1", "", "%ASA-4-106023: Deny"),
        ("<190>41: *Mar  2 09:00:00.000 UTC: %SYS-5-CONFIG_I: x", "", "", "%SYS-5-CONFIG_I: x"),
        ("<190>41: rtr1: .Mar  2 09:00:00 CET: %SYS-5-CONFIG_I: x", "rtr1", "", "%SYS-5-CONFIG_I: x"),
        ("Mar  2 09:00:00 2026 web01 su: hello", "web01", "su", "hello"),
        ("2026 Mar  2 09:00:00 web01 su: hello", "web01", "su", "hello"),
        ("<187>: 2026 Mar  2 09:00:00 UTC: %DAEMON-3-SYSTEM_MSG: x", "", "", "%DAEMON-3-SYSTEM_MSG: x"),
        ("2026-03-02T09:00:00Z web01 su: hello", "web01", "su", "hello"),
        ("<13>2026-03-02T10:00:00,000+01:00 web01 su: hello", "web01", "su", "hello"),
        ("2026-03-02 09:00:00 web01 su[1]: hello", "web01", "su", "hello"),
        ("Mar  2 09:00:00 relay Mar  2 09:00:00 web01 su: hello", "web01", "su", "hello"),
        ("Mar  2 09:00:00 web01 CEF: 0|a", "web01", "", "CEF: 0|a"),
        ("<34>1 2026-03-02T09:00:00Z web01 su 12 ID47 - \ufeffhello", "web01", "su", "hello"),
        ("<34>1 2026-03-02T09:00:00Z web01 su - - -", "web01", "su", ""),
        ("1 2026-03-02T09:00:00Z web01 su 12 - - hello", "web01", "su", "hello"),
    ],
)
def test_a_header_is_taken_off(line: str, host: str, program: str, text: str) -> None:
    found = message(line)
    assert (found.host, found.program, found.text, found.raw) == (host, program, text, line)
    assert found.wrapped
    assert (found.time or found.yearless) in {AT, YEARLESS}
    assert (found.yearless is None) == (found.time is not None)


@pytest.mark.parametrize(
    "line",
    [
        "hello",
        "2026-03-02T09:00:00 INFO main: x",
        "2026-03-02T09:00:00Z 344 [Note] x",
        "2026-03-02T09:00:00Z ACCEPT host=a",
        "2026-03-02T09:00:00Z I ACCESS x",
        "2026-03-02 09:00:00 something",
        "2026-03-02 09:00:00 alice/192.0.2.7:1 MULTI: x",
        "1 2026",
        "Mar  2 is a day",
        "March  2 09:00:00 a b: c",
        "<13>",
    ],
)
def test_what_has_no_header_is_its_own_message(line: str) -> None:
    assert message(line) == Message(line, "", None, line)


def test_what_else_a_header_says_becomes_fields() -> None:
    line = r'<165>1 2026-03-02T09:00:00Z h app 7 ID47 [ex@1 iut="3" src="a \"b\" \]"][ex@2 iut="4" program="x" message="m"] text'
    assert message(line).fields == {
        "program": "app", "pid": "7", "message_id": "ID47", "facility": "local4", "severity": "notice",
        "iut": "3", "src": 'a "b" ]', "ex@2.iut": "4", "ex@2.program": "x", "ex@2.message": "m",
    }  # fmt: skip
    assert message("<190>41: *Mar  2 09:00:00 CEST: x").fields == {"facility": "local7", "severity": "info", "time_zone": "CEST"}
    assert message("<999>Mar  2 09:00:00 h su[3]: x").fields == {"program": "su", "pid": "3"}
    assert message("<13>date=2026-03-02 x").fields == {"facility": "user", "severity": "notice"}


@given(
    rest=st.from_regex(
        r"Mar  2 09:00:00 (2026 |CET: |h\.x |a/b |2001:db8::1 )?(su|CEF|a b|x\(y\))?(\[[0-9]{0,2}\])?:? ?[ -~]{0,20}", fullmatch=True
    )
)
def test_the_short_way_gives_what_the_general_way_does(rest: str) -> None:
    short, general = message(f"<13>{rest}"), message(f"9 <13>{rest}")
    assert short == general._replace(raw=short.raw)


@given(line=st.text(max_size=80) | st.from_regex(r"<\d{1,3}>1? ?(Mar  2 09:00:00|2026-03-02T09:00:00Z|\d+: )?[ -~]{0,60}", fullmatch=True))
def test_no_line_breaks_it(line: str) -> None:
    found = message(line)
    assert found.raw == line
    assert line.endswith(found.text)


def test_a_table_row_gives_message_host_and_time() -> None:
    [row] = _messages(
        '{"SyslogMessage":"hello","HostName":"","Computer":"APP01","EventTime":"2026-03-02T09:00:00Z","ProcessName":"su","ProcessID":7}\n'
    )
    assert isinstance(row, Message)
    assert (row.text, row.host, row.program, row.fields) == ("hello", "APP01", "su", {"program": "su", "pid": "7"})
    assert row.time == AT
    [row] = _messages('{"MESSAGE":"hello","_HOSTNAME":"h","SYSLOG_IDENTIFIER":"su","__REALTIME_TIMESTAMP":"1772442000000000"}\n')
    assert isinstance(row, Message)
    assert (row.text, row.host, row.program, row.time) == ("hello", "h", "su", AT)
    assert is_table_row(row.raw)
    assert not is_table_row("SyslogMessage")


def test_broken_json_is_counted() -> None:
    assert _messages('{"SyslogMessage":\n') == [Skipped("not JSON")]
