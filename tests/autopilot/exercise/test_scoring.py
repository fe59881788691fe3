"""A step gets each of its points for evidence that is named, and none for what only looks like it."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from watchkeeper.autopilot.exercise.scoring import Material, score, scored
from watchkeeper.model.acted import Acted
from watchkeeper.model.entity import Entity
from watchkeeper.model.exercise import Attackers, Exercise, PlanStep, StepScore, Window
from watchkeeper.model.incident import Case
from watchkeeper.model.proposal import ActionRecord
from watchkeeper.model.signal_placed import SignalPlaced
from watchkeeper.model.summary import IncidentSummary, Word
from watchkeeper.model.verdict import Outcome
from watchkeeper.store import open_store

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CASE = Path(__file__).parents[2] / "cases" / "reporting" / "whole" / "case.json"
RED = Exercise(
    id="e" * 32, name="spring", made=NOON, made_by="ann", scope=("srv2",), windows=(Window(since=NOON, until=NOON + 120 * MINUTE),),
    attackers=Attackers(addresses=("198.51.100.7",), accounts=("red.one",)),
    plan=(PlanStep(name="dump", technique="T1003.001", target="srv2", since=NOON + 5 * MINUTE, until=NOON + 15 * MINUTE),),
)  # fmt: skip
NOTHING = Acted()
Recorded = Callable[..., ActionRecord]


def _signal(minute: float = 6, **otherwise: object) -> SignalPlaced:
    bare = {
        "id": "s1", "event_id": "e1", "time": NOON + minute * MINUTE, "host": "srv2", "user": "red.one", "source": "x", "row": 0,
        "rule": "r", "title": "LSASS read", "level": "high", "detector": "sigma", "techniques": ("T1003.001",),
        "fold": "f", "session": "s", "rank": 1,
        "entities": (Entity(kind="address", value="198.51.100.7"),), "incident": "i1", "shown": True, "suppressed": None, "case": "live",
    }  # fmt: skip
    return SignalPlaced.model_validate({**bare, **otherwise})


def _of(
    *signals: SignalPlaced,
    verdict: Outcome | None = "undetermined",
    said: Outcome | None = None,
    shown: bool = True,
    acted: Acted = NOTHING,
) -> Material:
    incident = Case.model_validate_json(CASE.read_bytes()).incidents[0]
    judged = incident.verdict.model_copy(update={"outcome": verdict}) if incident.verdict and verdict else None
    fold = incident.folds[0].model_copy(update={"count": len(signals)})
    incident = incident.model_copy(update={"id": "i1", "verdict": judged, "folds": (fold,), "trace": None})
    word = (Word(verdict=said, by="ann", why="seen", time=NOON),) if said else ()
    line = IncidentSummary(
        id="i1", rank=1, title="Evil", level="high", score=5, start=NOON, end=NOON, hosts=(), users=(), techniques=(), signals=1,
        sessions=1, verdict=verdict, attack=0.5, status="open", standing=None, assigned="", shown=shown, synthetic=False, said=word,
    )  # fmt: skip
    return Material(signals, {"i1": (incident, line)}, acted, {})


def _step(of: Material) -> StepScore:
    return scored(RED, of, NOON).steps[0]


def test_a_signal_that_names_the_technique_saw_it_and_the_first_one_counts() -> None:
    one = _step(_of(_signal(9), _signal(6, id="s0", title="first")))
    assert (one.signal, one.signal_title, one.seen_by, one.seen_after_seconds) == ("s0", "first", "technique", 60)
    assert (one.incident, one.points) == ("i1", 2)


@pytest.mark.parametrize("technique", ["T1003", "T1003.001"])
def test_its_parent_counts_and_another_one_under_the_same_parent_does_not(technique: str) -> None:
    bare: dict[str, object] = {"user": "", "entities": ()}
    assert _step(_of(_signal(techniques=(technique,), **bare))).seen_by == "technique"
    assert _step(_of(_signal(techniques=("T1003.002",), **bare))).points == 0


@pytest.mark.parametrize(
    ("otherwise", "seen"),
    [
        ({"entities": ()}, "attacker"),
        ({"user": ""}, "attacker"),
        ({"user": "bob", "entities": ()}, ""),
        ({"host": "ws1"}, ""),
        ({"time": NOON + 4 * MINUTE}, ""),
        ({"time": NOON + 16 * MINUTE}, ""),
        ({"time": None}, ""),
    ],
)
def test_by_something_declared_on_its_target_in_its_time_and_not_otherwise(otherwise: dict[str, object], seen: str) -> None:
    one = _step(_of(_signal(techniques=(), **otherwise)))
    assert (one.seen_by, bool(one.signal), one.points > 0) == (seen, bool(seen), bool(seen))


def test_an_incident_that_nobody_sees_and_a_signal_of_none_give_no_second_point() -> None:
    assert _step(_of(_signal(), shown=False)).points == 1
    assert _step(_of(_signal(incident=None))).points == 1
    later = _step(_of(_signal(incident=None), _signal(8, id="s2")))
    assert (later.signal, later.incident) == ("s1", "i1")


@pytest.mark.parametrize(
    ("verdict", "said", "right"),
    [
        ("succeeded", None, True), ("attempted", None, True), ("blocked", None, True), ("benign", None, False), ("authorised", None, False),
        ("undetermined", None, False), (None, None, False), ("benign", "authorised", True), ("benign", "attempted", True),
        ("succeeded", "benign", False), ("succeeded", "undetermined", False),
    ],
)  # fmt: skip
def test_a_verdict_is_right_if_it_is_an_attack_or_a_person_knows_better(verdict: Outcome | None, said: Outcome | None, right: bool) -> None:
    one = _step(_of(_signal(), verdict=verdict, said=said))
    assert (one.verdict_right, one.verdict) == (right, said or verdict)
    assert one.decided_by == ("person" if said else "fast" if verdict else None)


def _seen(minute: float, **otherwise: object) -> dict[str, object]:
    return {"where": "target", "outcome": "in-force", "time": NOON + minute * MINUTE, "said": "it holds"} | otherwise


OURS = ({"kind": "address", "value": "198.51.100.7"},)


@pytest.mark.parametrize(
    ("asked", "is_blocked"),
    [
        ({"targets": OURS}, True),
        ({"action": "isolate_host", "targets": ({"kind": "host", "value": "srv2"},)}, True),
        ({"action": "kill_process", "targets": ({"kind": "process", "value": "srv2:1 x"},), "arguments": {"host": "srv2"}}, True),
        ({"action": "disable_account", "targets": ({"kind": "account", "value": "red.one"},)}, True),
        ({"targets": ({"kind": "address", "value": "203.0.113.9"},)}, False),
        ({"targets": OURS, "incident": "i2"}, False),
        ({"targets": OURS, "checks": ()}, False),
        ({"targets": OURS, "checks": (_seen(10, where="telemetry"),)}, False),
        ({"targets": OURS, "checks": (_seen(10, outcome="unknown"),)}, False),
        ({"targets": OURS, "checks": (_seen(121),)}, False),
        ({"targets": OURS, "state": "ineffective"}, False),
    ],
)
def test_it_is_blocked_by_an_action_for_its_incident_against_it_that_was_seen_to_work_in_time(
    recorded: Recorded, asked: dict[str, object], is_blocked: bool
) -> None:
    one = _step(_of(_signal(), acted=Acted(records=(recorded(**{"checks": (_seen(10),), **asked}),))))
    assert (bool(one.action), one.blocked_after_seconds) == (is_blocked, 300 if is_blocked else None)


def test_the_first_action_that_worked_is_named(recorded: Recorded) -> None:
    late, early = (recorded(targets=OURS, wave=wave, checks=(_seen(minute),)) for wave, minute in ((0, 12), (1, 8)))
    one = _step(_of(_signal(), acted=Acted(records=(late, early))))
    assert (one.action, one.action_name, one.blocked_after_seconds) == (early.id, "block_address", 180)


def test_it_is_reported_if_a_message_about_its_incident_was_sent() -> None:
    of = _of(_signal(), verdict="succeeded")
    told = replace(of, told={"i1": NOON + 7 * MINUTE})
    assert (_step(of).points, _step(of).told) == (3, None)
    assert (_step(told).points, _step(told).told) == (4, NOON + 7 * MINUTE)


def test_an_incident_with_one_signal_of_somebody_else_is_real_and_named_so() -> None:
    mixed = scored(RED, _of(_signal(), _signal(id="s2", user="bob")), NOON)
    assert [(one.incident, one.wholly, one.inside, one.outside, one.why) for one in mixed.incidents] == [("i1", False, 1, 1, {"thing": 1})]
    assert [one.wholly for one in scored(RED, _of(_signal()), NOON).incidents] == [True]
    assert scored(RED, _of(_signal(user="bob")), NOON).incidents == ()


def test_nothing_kept_is_no_points_and_no_crash(tmp_path: Path) -> None:
    with closing(open_store(tmp_path)) as store:
        store.keep_exercise(RED)
        found = score(store, RED, Acted(), NOON)
    assert (found.points, found.signals, [one.number for one in found.steps]) == (0, 0, [1])
