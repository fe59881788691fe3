"""A suppression hides noise for a while, never for good, never in silence and never an attack."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from watchkeeper.autopilot import Options, investigate
from watchkeeper.autopilot.feedback import subject
from watchkeeper.autopilot.suppressions import Asked, conditions, suppression, would_hide
from watchkeeper.model.feedback import Feedback
from watchkeeper.model.incident import Case
from watchkeeper.model.suppression import Suppression, Where
from watchkeeper.model.verdict import Outcome
from watchkeeper.store import Store, open_store

NOW = datetime.now(UTC)
RULE = """
title: {title}
id: {id}
status: test
logsource: {{product: windows, category: process_creation}}
detection:
  selection: {{CommandLine|contains: '{command}'}}
  condition: selection
level: {level}
"""
BACKUP, EVIL = "6f1b0c1e-77a3-4a4c-9d57-6f4f4a1c1b01", "6f1b0c1e-77a3-4a4c-9d57-6f4f4a1c1b02"


def _event(number: int, minute: int, host: str, command: str) -> str:
    return json.dumps(
        {
            "EventID": 1, "Channel": "Microsoft-Windows-Sysmon/Operational", "Hostname": f"{host}.corp.example", "User": "CORP\\ann",
            "UtcTime": f"2025-04-01 {8 + minute // 60:02d}:{minute % 60:02d}:00.000", "CommandLine": command, "Image": "C:\\cmd.exe",
            "ProcessGuid": f"{{{number}}}", "ProcessId": str(number), "ParentProcessGuid": "{0}",
        }
    )  # fmt: skip


@pytest.fixture
def place(tmp_path: Path) -> Path:
    lines = [_event(1, 5, "srv1", "cmd /c backup all"), _event(2, 9, "srv1", "cmd /c backup all"), _event(3, 300, "ws2", "cmd /c evil")]
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "hosts.json").write_text("\n".join(lines), "utf-8")
    (tmp_path / "rules").mkdir()
    for name, id_ in (("backup", BACKUP), ("evil", EVIL)):
        text = RULE.format(title=f"Runs {name}", id=id_, command=name, level="high")
        (tmp_path / "rules" / f"{name}.yml").write_text(text, "utf-8")
    return tmp_path


def _case(place: Path, name: str = "case", **more: Any) -> Case:
    options = Options(paths=(place / "logs",), rules=(place / "rules",), own_rules=False, state=place / "state", **more)
    return investigate(options, place / name, "en")[0]


@pytest.fixture
def store(place: Path) -> Store:
    return open_store(place / "state")


def _made(store: Store, rule: str, where: tuple[Where, ...] = (), days: int = 30) -> Suppression:
    return suppression(Asked(rule, where, "ann", "nightly backup", days), store, NOW)


def _said(store: Store, start: str, verdict: Outcome) -> None:
    found = subject(store, start)
    store.add_feedback(Feedback(about=found.about, subject=found.id, verdict=verdict, why="w", by="ann", time=NOW, folds=found.folds))


def test_a_suppressed_signal_stays_on_record_and_counts_for_nothing(place: Path, store: Store) -> None:
    before = _case(place)
    assert {incident.title for incident in before.incidents} == {"Runs backup", "Runs evil"}
    made = _made(store, BACKUP)
    (change,) = would_hide(made, store)
    assert [one.title for one in change.gone] == ["Runs backup"]
    assert (change.hidden, change.true, change.signals) == (2, 0, 3)
    store.keep_suppression(made)
    after = _case(place, "again")
    assert [incident.title for incident in after.incidents] == ["Runs evil"]
    assert after.signals == before.signals == 3
    rows = pq.read_table(place / "again" / "signals.parquet").to_pylist()
    assert [(row["rule"], row["suppressed"], row["shown"], row["incident"] is None) for row in rows] == [
        (BACKUP, made.id, False, True),
        (BACKUP, made.id, False, True),
        (EVIL, None, True, False),
    ]
    assert [(one.signals, one.in_force, one.rule_state) for one in after.suppressions] == [(2, True, "same")]
    assert "Signals that people suppressed for a while\\: 2" in (place / "again" / "report.md").read_text("utf-8")


def test_an_expired_one_stops_by_itself_and_says_so(place: Path, store: Store) -> None:
    _case(place)
    made = _made(store, BACKUP)
    store.keep_suppression(made.model_copy(update={"created": NOW - timedelta(days=9), "expires": NOW - timedelta(days=1)}))
    after = _case(place, "again")
    assert {incident.title for incident in after.incidents} == {"Runs backup", "Runs evil"}
    assert [(one.signals, one.in_force) for one in after.suppressions] == [(2, False)]
    store.keep_suppression(made.model_copy(update={"ended": NOW}))
    assert _case(place, "once more").suppressions == ()


@pytest.mark.parametrize(
    ("change", "state", "signals"),
    [
        (lambda path: path.write_text(path.read_text("utf-8").replace("Runs", "Really runs"), "utf-8"), "same", 2),
        (lambda path: path.write_text(path.read_text("utf-8").replace("'backup'", "'backup all'"), "utf-8"), "changed", 2),
        (lambda path: path.unlink(), "gone", 0),
    ],
)
def test_it_survives_a_rule_update_and_a_person_is_told_what_became_of_the_rule(
    place: Path, store: Store, change: Callable[[Path], object], state: str, signals: int
) -> None:
    _case(place)
    store.keep_suppression(_made(store, BACKUP))
    change(place / "rules" / "backup.yml")
    assert [(one.signals, one.rule_state) for one in _case(place, "again").suppressions] == [(signals, state)]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (Asked("", (), "ann", "w", 30), "what is to be suppressed"),
        (Asked("r", (), " ", "w", 30), "somebody who answers for it"),
        (Asked("r", (), "ann", "", 30), "a reason"),
        (Asked("r", (), "ann", "w", 367), "366 days"),
        (Asked("r", (), "ann", "w", 0), "1 to 366"),
    ],
)
def test_what_may_not_be_suppressed_is_refused_with_the_reason(store: Store, asked: Asked, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        suppression(asked, store, NOW)


@pytest.mark.parametrize("text", ["host", "host=", "=ws1", "host=*", "host= ** "])
def test_a_condition_that_asks_for_nothing_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="is no condition"):
        conditions([text])


def test_a_severe_rule_that_was_right_is_suppressed_with_a_condition_or_not_at_all(place: Path, store: Store) -> None:
    case = _case(place)
    evil = next(incident for incident in case.incidents if incident.title == "Runs evil")
    _said(store, evil.id, "succeeded")
    with pytest.raises(ValueError, match="judged it right before"):
        _made(store, EVIL)
    (change,) = would_hide(_made(store, EVIL, conditions(["host=ws2"])), store)
    assert change.true == 1
    assert list(would_hide(_made(store, EVIL, conditions(["host=srv1"])), store)) == []
    _said(store, evil.id, "undetermined")
    assert _made(store, EVIL).rule == EVIL
