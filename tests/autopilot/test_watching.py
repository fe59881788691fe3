"""What rules do about a technique: by its id, its parent and those below it, and whether this record has what they read."""

from pathlib import Path

from watchkeeper.autopilot.watching import watched_by
from watchkeeper.detection import RuleSet, load_rules
from watchkeeper.detection.logsources import log_sources
from watchkeeper.model.logsource import LogSource

RULE = """title: {title}
id: 0b0a5f2e-7a53-4c3c-9a7e-3d3f8f0e6a{number}
logsource: {source}
tags: [attack.{tag}]
detection: {{selection: {{CommandLine|contains: evil}}, condition: selection}}
"""
PROCESSES, WEB = "{product: windows, category: process_creation}", "{category: webserver}"
SYSMON = LogSource(product="windows", service="Microsoft-Windows-Sysmon/Operational", event_type="1")


def _rules(folder: Path) -> RuleSet:
    given = [("t1003.001", PROCESSES), ("t1003", PROCESSES), ("t1003.002", WEB), ("t1086", WEB), ("t1490", PROCESSES)]
    for number, (tag, source) in enumerate(given, 10):
        (folder / f"{number}.yml").write_text(RULE.format(title=tag, number=number, source=source, tag=tag), "utf-8")
    return load_rules((folder,))


def test_rules_of_the_family_count_and_logs_of_this_record_come_first(tmp_path: Path) -> None:
    watched = watched_by(_rules(tmp_path), log_sources(), {SYSMON: frozenset()})
    below, above = watched("T1003.001"), watched("T1003")
    assert (below.rules, above.rules) == (2, 3)
    assert [(log.name, log.rules, log.here) for log in above.telemetry] == [("windows process_creation", 2, True), ("webserver", 1, False)]
    assert [log.name for log in below.telemetry] == ["windows process_creation"]


def test_tags_of_older_ids_count_and_a_technique_that_nothing_watches_has_none(tmp_path: Path) -> None:
    watched = watched_by(_rules(tmp_path), log_sources(), {})
    assert (watched("T1059.001").rules, watched("T1059.001").telemetry[0].here) == (1, False)
    assert (watched("T1657").rules, watched("T1657").telemetry) == (0, ())


def test_a_log_of_any_product_is_here_if_it_has_the_fields_that_make_it_one(tmp_path: Path) -> None:
    server = LogSource(product="some server")
    rules, sources = _rules(tmp_path), log_sources()
    assert "cs-method" in sources.telling
    without, having = watched_by(rules, sources, {server: frozenset()}), watched_by(rules, sources, {server: frozenset({"cs-method"})})
    assert [[log.here for log in watched("T1059.001").telemetry] for watched in (without, having)] == [[False], [True]]
