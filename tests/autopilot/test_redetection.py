"""Re-detection over kept events: only what is new, and it says that it is late."""

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from watchkeeper.autopilot import redetection
from watchkeeper.autopilot.redetection import late_count, redetect
from watchkeeper.detection import Detector, RuleSet, load_rules
from watchkeeper.model.batch import RESERVED, Batch
from watchkeeper.model.logsource import LogSource
from watchkeeper.model.signal import SIGNAL_SCHEMA

NOW = datetime(2025, 3, 3, 8, tzinfo=UTC)
RULE = """title: {title}
id: {id}
logsource: {{product: windows}}
detection: {{selection: {{F: {value}}}, condition: selection}}
"""


@pytest.fixture
def rules(tmp_path: Path) -> RuleSet:
    for number, value in enumerate("ab"):
        text = RULE.format(title=value, id=f"{number}1111111-2222-4333-8444-555555555555", value=value)
        (tmp_path / f"{value}.yml").write_text(text, "utf-8")
    return load_rules([tmp_path])


def batch(values: str) -> Batch:
    rows = range(len(values))
    columns = [[f"{row:032x}" for row in rows], [row * 1_000_000 for row in rows], ["ws"] * len(values), ["x"] * len(values), list(rows)]
    reserved = [pa.array(column, field.type) for column, field in zip([*columns, [""] * len(values)], RESERVED, strict=True)]
    return Batch(LogSource(product="windows", service="", event_type=""), pa.table([*reserved, list(values)], [*RESERVED.names, "F"]))


def none_known(_: object) -> tuple[str, ...]:
    return ()


def test_only_what_is_new_is_given_and_says_when_it_was_found(rules: RuleSet) -> None:
    whole = Detector(rules).signals(batch("abab"))
    before = set(whole.column("id").to_pylist()[:2])
    got = redetect(Detector(rules), [batch("ab"), batch("abab")][1:], NOW, before.intersection)
    assert (got.known, got.beyond, got.events, got.problems) == (2, 0, 4, ())
    assert got.signals.schema == SIGNAL_SCHEMA
    assert got.signals.column("id").to_pylist() == whole.column("id").to_pylist()[2:]
    assert [one[-1] for one in got.signals.column("matches").to_pylist()] == [{"field": "found late", "value": NOW.isoformat()}] * 2
    assert (late_count(got.signals), late_count(whole)) == (2, 0)


def test_some_rules_alone_are_asked_for(rules: RuleSet) -> None:
    wanted = next(rule.id for rule in rules.rules if rule.title == "b")
    got = redetect(Detector(rules), [batch("abab")], NOW, none_known, only=[wanted])
    assert set(got.signals.column("title").to_pylist()) == {"b"}


def test_too_many_are_bounded_and_counted(rules: RuleSet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redetection, "MOST_SIGNALS", 3)
    got = redetect(Detector(rules), [batch("aaaaa")], NOW, none_known)
    assert (got.signals.column("row").to_pylist(), got.beyond) == ([2, 3, 4], 2)


def test_what_is_too_much_is_let_go_underway(rules: RuleSet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redetection, "MOST_SIGNALS", 2)
    whole = batch("a" * 9)
    order = (8, 0, 3, 7, 1, 2, 6, 5, 4)
    parts = [Batch(whole.logsource, whole.table.slice(row, 1)) for row in order]
    got = redetect(Detector(rules), parts, NOW, none_known)
    assert (got.signals.column("row").to_pylist(), got.beyond, got.events) == ([7, 8], 7, 9)
