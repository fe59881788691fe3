"""Picks, techniques, tactics and times."""

import pytest

from watchkeeper.ingest.alert_mapping import Choice, TimeField, parse
from watchkeeper.ingest.alert_signals import signal_maker, tactics_in, techniques_in, time_reader

GOOD = """\
name: acme
format: [csv]
columns: [what]
time: [{field: when}]
rule: id
title: what
detector: {text: acme}
host: [{entity: host}, {field: machine, match: '^([^.]+)'}]
user: who
level:
  - {field: what, match: '(?i)ransom', text: critical}
  - {field: sev, values: {'3': high}}
  - {text: low}
entities:
  - {field: list, kind: domain}
"""


def test_the_first_choice_that_gives_a_text_wins() -> None:
    make = signal_maker(parse(GOOD, "x"))
    assert make({"what": "Ransomware", "sev": "3"}).fields["signal.level"] == "critical"
    assert make({"what": "x", "sev": "3"}).fields["signal.level"] == "high"
    assert make({"what": "x", "sev": "4"}).fields["signal.level"] == "low"
    assert make({"what": "x", "machine": "pc01.acme.example"}).host == "pc01"


def test_rule_and_title_stand_in_for_each_other() -> None:
    make = signal_maker(parse(GOOD, "x"))
    assert make({"what": "T"}).fields["signal.rule"] == "T"
    assert make({"id": "7"}).fields["signal.title"] == "7"
    assert make({"who": "x"}).fields == {}


def test_users_and_lists_of_entities_are_normal() -> None:
    made = signal_maker(parse(GOOD, "x"))({"what": "T", "who": "ACME\\Maria", "list": ["Evil.example", "evil.example", ""]})
    assert made.fields["signal.user"] == "maria"
    assert made.fields["signal.entities"] == ["domain:evil.example"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('["T1059","t1059.001"]', ["T1059", "T1059.001"]),
        ("T1047;T1082;T1047", ["T1047", "T1082"]),
        ("AT1059 T10590 T105 T1059.12", ["T1059"]),
        ("", []),
    ],
)
def test_techniques_in_whatever_form(text: str, found: list[str]) -> None:
    assert techniques_in([text]) == found


def test_tactics_in_whatever_form() -> None:
    texts = ["CredentialAccess, LateralMovement", "Initial_Access", "Command and Control", "Unknown", '["Discovery"]', "mitre_impact"]
    assert tactics_in(texts) == [
        "credential-access", "lateral-movement", "initial-access", "command-and-control", "discovery", "impact",
    ]  # fmt: skip


def test_the_first_time_that_can_be_read_wins() -> None:
    several = [TimeField(field="a", unit="ns"), TimeField(field="b", format="%d.%m.%Y %H:%M"), TimeField(field="c")]
    read = time_reader(several)
    assert str(read({"a": "1772442000000000000", "b": "x"})) == "2026-03-02 09:00:00+00:00"
    assert str(read({"a": "x", "b": "02.03.2026 09:00"})) == "2026-03-02 09:00:00+00:00"
    assert str(read({"b": "x", "c": "2026-03-02T10:00:00+01:00"})) == "2026-03-02 09:00:00+00:00"
    assert read({"a": ["1"]}) is None


def test_a_choice_may_map_what_it_matched() -> None:
    mapping = parse(GOOD.replace("detector: {text: acme}", "detector: {field: what, match: '^(\\w+):', values: {A: alpha}}"), "x")
    assert signal_maker(mapping)({"what": "A: x"}).fields["signal.detector"] == "alpha"
    assert "signal.detector" not in signal_maker(mapping)({"what": "B: x"}).fields
    assert Choice(field="x").match == ""
