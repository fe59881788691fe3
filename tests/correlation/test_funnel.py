"""The funnel as a whole: nothing is lost, nothing depends on order, and the attack stands first."""

from datetime import timedelta
from random import Random
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.baseline import Baseline
from watchkeeper.model.level import LEVELS
from watchkeeper.model.signal import PLACED_SCHEMA

drawn = st.fixed_dictionaries(
    {
        "rule": st.sampled_from("abcdef"),
        "minute": st.none() | st.integers(0, 4000),
        "host": st.sampled_from(["", "ws1", "ws2", "dc"]),
        "level": st.sampled_from(LEVELS),
        "user": st.sampled_from(["", "alice", "system"]),
        "tactics": st.lists(st.sampled_from(["execution", "credential-access", "Lateral_Movement", "unheard-of"]), max_size=2),
        "entities": st.lists(
            st.sampled_from(["address:192.0.2.7", "host:dc", "hash:abc", "process:c:\\temp\\a.exe"]), max_size=2, unique=True
        ),
    }
)


def rows_of(story: SimpleNamespace, kept: list[dict[str, Any]]) -> list[dict[str, object]]:
    return [story.signal(**one) | {"id": f"{at:032x}"} for at, one in enumerate(kept)]


@given(kept=st.lists(drawn, max_size=40), seed=st.integers(0, 9))
def test_every_signal_appears_once_whatever_the_order(story: SimpleNamespace, kept: list[dict[str, Any]], seed: int) -> None:
    rows = rows_of(story, kept)
    got = story.run(rows)
    assert got.signals.schema == PLACED_SCHEMA
    assert sorted(got.signals.column("id").to_pylist()) == [row["id"] for row in rows]
    assert sum(fold.count for fold in got.folds) == len(rows)
    assert {fold for session in got.sessions for fold in session.folds} == {fold.id for fold in got.folds}
    again = story.run(Random(seed).sample(rows, len(rows)))
    assert again.signals.equals(got.signals)
    assert (again.incidents, again.sessions, again.folds) == (got.incidents, got.sessions, got.folds)


@given(kept=st.lists(drawn, min_size=1, max_size=30))
def test_a_baseline_saved_and_loaded_changes_nothing(story: SimpleNamespace, kept: list[dict[str, Any]]) -> None:
    rows = rows_of(story, kept)
    learnt = story.run(story.everyday(3, 30)).baseline
    kept_on_disk = Baseline.from_bytes(learnt.to_bytes())
    assert story.run(rows, kept_on_disk).signals.equals(story.run(rows, learnt).signals)


def test_running_the_same_evidence_again_finds_the_same(story: SimpleNamespace) -> None:
    rows = [*story.everyday(6, 40), *attack(story)]
    first = story.run(rows)
    second = story.run(rows, first.baseline)
    assert second.incidents == first.incidents
    assert second.baseline.table.equals(first.baseline.table)


def attack(story: SimpleNamespace, at: int = 2000) -> list[dict[str, object]]:
    steps = ["macro", "download", "dump", "spread", "archive"]
    return [story.signal(f"attack {step}", at + 5 * n, "ws2", level="high", user="bob") for n, step in enumerate(steps)]


def test_an_attack_in_a_long_record_is_the_first_incident_and_nothing_else_is_in_it(story: SimpleNamespace) -> None:
    got = story.run([*story.everyday(6, 40), *attack(story)])
    assert [incident.rank for incident in got.incidents] == [1]
    assert {fold.title for fold in got.incidents[0].folds} == {
        "attack macro",
        "attack download",
        "attack dump",
        "attack spread",
        "attack archive",
    }
    inside = got.signals.filter(got.signals.column("incident").is_valid())
    assert inside.num_rows == 5
    assert set(inside.column("rank").to_pylist()) == {1}
    assert all(inside.column("shown").to_pylist())


def test_an_attack_in_a_record_of_minutes_without_any_past_is_found(story: SimpleNamespace) -> None:
    got = story.run(attack(story, at=0))
    assert len(got.incidents) == 1
    assert len(got.incidents[0].folds) == 5


def test_everyday_alone_makes_no_incident(story: SimpleNamespace) -> None:
    got = story.run(story.everyday(6, 40))
    assert got.incidents == ()
    assert not any(session.shown for session in got.sessions if session.start and session.start - story.start > timedelta(hours=26))


def test_no_signals_make_an_empty_result(story: SimpleNamespace) -> None:
    got = story.run([])
    assert (got.signals.num_rows, got.folds, got.sessions, got.incidents) == (0, (), (), ())
