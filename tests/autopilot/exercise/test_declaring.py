"""What a red team declares is read, bounded, compared in one form, kept and ended once."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from watchkeeper.autopilot.edits import Who
from watchkeeper.autopilot.exercise.declaring import called, declare, end, read
from watchkeeper.model.missing import MissingError
from watchkeeper.store import open_store

TEXT = """
name: spring
attackers: {addresses: ["198.51.100.7"], hosts: [WS1.corp.example], accounts: [Red.One], tools: [AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA]}
scope: [WS1, srv2.corp.example]
windows: [{since: 2026-03-04T12:00:00Z, until: 2026-03-04T14:00:00Z}]
plan: [{name: enter, technique: T1078, target: SRV2, since: 2026-03-04T12:05:00Z, until: 2026-03-04T12:15:00Z}]
"""
NOW = datetime(2026, 3, 4, 11, tzinfo=UTC)


def test_names_are_brought_into_the_form_of_signals() -> None:
    told = read(TEXT.encode())
    assert (told.attackers.hosts, told.attackers.accounts, told.attackers.tools) == (("ws1",), ("red.one",), ("a" * 32,))
    assert (told.scope, told.plan[0].target) == (("ws1", "srv2"), "srv2")


def test_an_address_in_its_long_form_is_the_one_that_signals_name() -> None:
    told = read(TEXT.replace("198.51.100.7", "::ffff:198.51.100.7").encode())
    assert told.attackers.addresses == ("198.51.100.7",)


def test_what_is_nested_without_end_is_refused_in_one_line() -> None:
    with pytest.raises(ValueError, match="no YAML"):
        read(b"[" * 20_000)
    with pytest.raises(ValueError, match="4,000,000 at most"):
        read(b" " * 4_000_001)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('["198.51.100.7"]', '["198.51.100.0/24"]', "no networks"),
        ("scope: [WS1,", "scope: ['*',", "beside hosts"),
        ("until: 2026-03-04T14:00:00Z", "until: 2026-09-04T14:00:00Z", "90 days"),
        ("until: 2026-03-04T14:00:00Z", "until: 2026-03-04T11:00:00Z", "before it begins"),
        ("12:15:00Z", "15:15:00Z", "none of the windows"),
        ('addresses: ["198.51.100.7"], hosts: [WS1.corp.example]', "addresses: []", "no address and no host"),
        ("T1078", "login", "technique"),
        ("name: spring", "name: [", "no YAML"),
        ("name: spring", "name: spring\nhide: true", "hide"),
    ],
)
def test_what_nobody_could_be_told_apart_by_is_refused(before: str, after: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read(TEXT.replace(before, after).encode())


def test_it_is_kept_found_by_name_and_ended_once(tmp_path: Path) -> None:
    store, who = open_store(tmp_path), Who("ann", "agreed with the board", NOW)
    made = declare(store, read(TEXT.encode()), who)
    with pytest.raises(ValueError, match="declared already"):
        declare(store, read(TEXT.encode()), who)
    assert called(store, made.id[:6]) == called(store, "spring") == made
    assert end(store, "spring", who).ended == NOW
    with pytest.raises(ValueError, match="was ended"):
        end(store, "spring", who)
    with pytest.raises(MissingError):
        called(store, "autumn")
    assert store.of("acme").exercises() == ()
    store.close()
