"""Unwrapping messages."""

import io

from watchkeeper.ingest.reader import Skipped
from watchkeeper.ingest.syslog import Message, messages


def _messages(text: str) -> list[Message | Skipped]:
    return list(messages(io.BytesIO(text.encode())))


def test_headers_of_both_kinds_are_taken_off() -> None:
    old, new, bare = _messages("<13>Mar  2 09:00:00 web01 su: hello\n2026-03-02T09:00:00,5Z web02 su: hello\nhello\n")
    assert isinstance(old, Message)
    assert isinstance(new, Message)
    assert isinstance(bare, Message)
    assert (old.host, old.text, old.time) == ("web01", "su: hello", None)
    assert (new.host, new.text) == ("web02", "su: hello")
    assert new.time is not None
    assert (bare.host, bare.text, bare.raw) == ("", "hello", "hello")


def test_a_table_row_gives_message_host_and_time() -> None:
    [row] = _messages('{"SyslogMessage":"hello","HostName":"","Computer":"APP01","EventTime":"2026-03-02T09:00:00Z"}\n')
    assert isinstance(row, Message)
    assert (row.text, row.host) == ("hello", "APP01")
    assert row.time is not None


def test_broken_json_is_counted() -> None:
    assert _messages('{"SyslogMessage":\n') == [Skipped("not JSON")]
