"""What an audited transaction is called, and how its messages and times are read."""

from datetime import UTC, datetime

import pytest

from watchkeeper.ingest.modsecurity_audit import Transaction, message, moment

DENIED = 'Access denied with code 403 (phase 2). Operator GE matched 5. [file "/etc/x.conf"] [line "9"] [id "949110"] [tag "a/b"] [tag "c"]'


@pytest.mark.parametrize("prefix", ["", "ModSecurity: "])
def test_a_message_says_which_rule_and_what_became_of_the_request(prefix: str) -> None:
    found = message(prefix + DENIED)
    assert (found["rule_id"], found["tags"], found["action"]) == ("949110", ["a/b", "c"], "denied")


@pytest.mark.parametrize(
    ("written", "hour"),
    [
        ("02/Mar/2026:09:00:00 +0100", 8),
        ("02/Mar/2026:09:00:00.5 -0500", 14),
        ("02/Mar/2026:09:00:00.000000 --0500", 14),
        ("Mon Mar  2 09:00:00 2026", 9),
        ("02/Mar/2026", None),
        ("--0500", None),
    ],
)
def test_times_of_every_version_are_read(written: str, hour: int | None) -> None:
    found = moment(written)
    assert (found and found.replace(microsecond=0)) == (None if hour is None else datetime(2026, 3, 2, hour, tzinfo=UTC))


@pytest.mark.parametrize(
    ("intercepted", "messages", "action"),
    [(True, [], "denied"), (False, [message(DENIED)], "denied"), (False, [message("Warning. x")], "warned"), (False, [], None)],
)
def test_the_action_says_whether_it_was_blocked_or_only_seen(intercepted: bool, messages: list[dict[str, str]], action: str | None) -> None:
    row = Transaction("", {}, "GET / HTTP/1.1", [], messages, intercepted).row("x")
    assert row.fields.get("action") == action


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        (
            "GET /a?b=c?d HTTP/1.1",
            {"cs-method": "GET", "c-uri": "/a?b=c?d", "cs-uri-stem": "/a", "cs-uri-query": "b=c?d", "cs-version": "HTTP/1.1"},
        ),
        ("GET /with blank", {"cs-method": "GET", "c-uri": "/with blank", "cs-uri-stem": "/with blank"}),
        ("\x16\x03\x01", {"request": "\x16\x03\x01"}),
        ("", {}),
    ],
)
def test_a_first_line_that_is_none_is_kept_whole(line: str, fields: dict[str, str]) -> None:
    assert dict(Transaction("", {}, line, [], [], intercepted=False).row("x").fields) == fields
