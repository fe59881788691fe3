"""Trying a source on a sample."""

from watchkeeper.ingest.own_sources import parse
from watchkeeper.ingest.trial import MOST_EXAMPLES, commonest, tried

DOORS = """
name: doors
product: doors
about: Doors that open and close
documentation: our own
recognise: [{message: '^\\d{4}-\\S+ \\S+ DOOR '}]
steps:
  - patterns: [{match: '^(?P<_time>\\S+ \\S+) DOOR (?P<action>\\w+)(?: by (?P<user>\\S+))?'}]
time: [{text: '{_time}'}]
"""
BADGES = "{name: b, about: b, product: b, service: '', marks: [{badge: ''}], time: [], host: [at]}"


def test_a_grammar_is_tried_on_lines() -> None:
    lines = [f"2026-03-02 10:00:00 DOOR opened by u{number}" for number in range(5)]
    trial = tried(parse(DOORS, "doors"), [*lines, "\tat the north side", "2026-99-02 10:00:00 DOOR closed", "something else"])
    assert (trial.records, trial.read, trial.timed, trial.hosts) == (8, 7, 6, 0)
    assert trial.share == 7 / 8
    assert (trial.fields["user"].count, trial.fields["user"].examples) == (5, ["u0", "u1", "u2"][:MOST_EXAMPLES])
    assert [name for name, _ in commonest(trial, 1)] == ["action"]


def test_syslog_that_only_has_a_header_is_not_read_by_it() -> None:
    assert tried(parse(DOORS, "doors"), ["Mar  2 09:00:00 web01 appd[5]: hello"]).read == 0


def test_a_record_format_is_tried_on_records() -> None:
    trial = tried(parse(BADGES, "b"), ['{"badge": 1, "at": "north"}', '{"badge": null}', "no JSON", "[1]"])
    assert (trial.records, trial.read, trial.timed, trial.hosts) == (4, 1, 0, 1)
    assert tried(parse(BADGES, "b"), []).share == 0
