"""A small week, every number of which was worked out by hand: three incidents, six actions, one person's word, and the week before."""

from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from watchkeeper.autopilot.acted import acted
from watchkeeper.autopilot.posture import Week, posture
from watchkeeper.model.audit import Happened
from watchkeeper.model.feedback import Feedback
from watchkeeper.model.incident import Case, Incident
from watchkeeper.model.live import Cursor
from watchkeeper.model.metrics import Metrics
from watchkeeper.model.policy import LevelSet
from watchkeeper.model.posture import Posture
from watchkeeper.model.proposal import ActionRecord, Approval
from watchkeeper.store import Advance, Store, open_store
from watchkeeper.store.people import open_people

WHOLE = Path(__file__).parents[1] / "cases" / "reporting" / "whole" / "case.json"
Recorded = Callable[..., ActionRecord]


def _at(day: int, hour: int, minute: int = 0, second: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, second, tzinfo=UTC)


ENDS = _at(9, 0)
WEEK = Week(ENDS, ENDS, "en", ("edge",))


def _incident(id_: str, start: datetime, outcome: str | None, *folds: tuple[str, int], sessions: int, **otherwise: object) -> Incident:
    """Give an incident with that many signals of each rule and that many sessions."""
    bare = Case.model_validate_json(WHOLE.read_bytes()).incidents[0]
    assert bare.verdict
    made = tuple(
        bare.folds[0].model_copy(update={"id": f"{id_}{rule}", "rule": rule, "title": rule, "count": count}) for rule, count in folds
    )
    verdict = bare.verdict.model_copy(update={"outcome": outcome, "attack": 0.9, "missing": ()}) if outcome else None
    told = {"id": id_, "start": start, "end": start + timedelta(minutes=30), "verdict": verdict, "folds": made, "shown": True}
    return bare.model_copy(update={**told, "sessions": tuple(f"{id_}{at}" for at in range(sessions)), "trace": None, **otherwise})


def _found(store: Store) -> None:
    """Keep A and B of this week and C of the week before as the stream finds them, and D as a case of this week."""
    a = _incident("a", _at(3, 10), None, ("r1", 10), sessions=2, tactics=("execution",))
    judged = _incident("a", _at(3, 10), "succeeded", ("r1", 10), sessions=2, tactics=("execution",))
    b = _incident("b", _at(5, 8), "benign", ("r2", 2), sessions=1, tactics=(), shown=False)
    c = _incident("c", _at(25, 9, month=2), "attempted", ("r1", 5), sessions=4, tactics=("impact",))
    kept = ((c, _at(25, 9, 10, month=2)), (a, _at(3, 10, 2)), (judged, _at(3, 10, 3)), (b, _at(5, 8, 0, 40)))
    for position, (one, moment) in enumerate(kept):
        store.advance(Advance(Cursor(name="keeper", position=position), (one,)), moment)
    d = _incident("d", _at(4, 12), "undetermined", ("r1", 6), sessions=3, tactics=("execution", "impact"))
    case = Case.model_validate_json(WHOLE.read_bytes()).model_copy(update={"incidents": (d,)})
    store.save("case", case, Path("/nowhere"), (d,))
    store.add_feedback(Feedback(subject="a", verdict="attempted", why="seen", by="ann", time=_at(3, 10, 12)))


def _records(recorded: Recorded) -> tuple[ActionRecord, ...]:
    def worked(time: datetime) -> tuple[dict[str, object], ...]:
        return ({"where": "target", "outcome": "in-force", "time": time, "said": "it holds"},)

    asked = {"outcome": "ask", "level": "L2", "approvals": 1, "why": ()}
    bare = {"done": None, "expires": None, "checks": (), "ruling": asked}
    host = {"action": "isolate_host", "targets": ({"kind": "host", "value": "ws07"},)}
    return (
        recorded(incident="a", made=_at(3, 10, 4), changed=_at(3, 10, 5), done=_at(3, 10, 4, 30), checks=worked(_at(3, 10, 5))),
        recorded(incident="a", state="undone", made=_at(3, 10, 40), done=_at(3, 11), changed=_at(4, 9), checks=worked(_at(3, 11, 1)),
                 ruling=asked, **host),
        recorded(incident="a", wave=1, state="failed", made=_at(3, 12), done=_at(3, 12), changed=_at(3, 12, 1), checks=()),
        recorded(incident="d", state="waiting", made=_at(8, 12), changed=_at(8, 12), deadline=_at(10, 12), **bare),
        recorded(incident="d", wave=1, state="lapsed", made=_at(7, 12), changed=_at(7, 16), **bare),
        recorded(incident="c", state="expired", made=_at(25, 9, 20, month=2), done=_at(25, 9, 20, month=2), changed=_at(26, 9, month=2),
                 checks=worked(_at(25, 9, 21, month=2))),
    )  # fmt: skip


@pytest.fixture
def told(tmp_path: Path, recorded: Recorded) -> Generator[Posture]:
    with closing(open_store(tmp_path)) as store:
        _found(store)
        ledger, records = store.ledger(open_people(store.database, tmp_path).audit), _records(recorded)
        isolated = records[1]
        word = Approval(proposal=isolated.id, digest=isolated.proposal.digest, by="bob", agrees=True, way="link", time=_at(3, 10, 50))
        down = LevelSet(action="isolate_host", group="*", level="L2", by="system", time=_at(4, 9), why="taken back by ann")
        with ledger.alone() as kept:
            for one in records:
                kept.put(one, Happened(time=one.made, tenant="default", who="x", what="action proposed"))
            kept.put_approval(word, Happened(time=word.time, tenant="default", who="bob", what="action approved"))
            for level in (down.model_copy(update={"by": "ann", "level": "L3", "time": _at(2, 9)}), down):
                kept.put_level(level, Happened(time=level.time, tenant="default", who="x", what="level"))
        yield posture(store, acted(ledger), WEEK)


def _values(metrics: Metrics) -> dict[str, tuple[float | None, int]]:
    return {one.name: (one.value, one.over) for one in metrics.metrics}


def test_every_figure_of_the_week_is_what_one_gets_by_hand(told: Posture) -> None:
    assert _values(told.figures) == {
        "detection": (80, 2),  # A 10:00:00 to 10:02:00, B 08:00:00 to 08:00:40; (120 + 40) / 2
        "verdict": (30, 2),  # A 10:02:00 to 10:03:00, B at once; (60 + 0) / 2
        "judging": (600, 1),  # A 10:02:00 to ann's word at 10:12:00
        "response": (300, 1),  # A 10:00:00 to the first look that showed the block, 10:05:00
        "closing": (None, 0),
        "folding": (9, 2),  # 10 + 2 + 6 signals for A and D
        "objects-before": (6, 3),  # 2 + 1 + 3 sessions
        "objects-after": (2, 3),
        "decided-alone": (0.3333, 3),  # B; ann spoke on A, and D is undetermined
        "agreement": (1, 1),  # A: succeeded and attempted are both an attack
        "false-rate": (0, 1),
        "open": (2, 2),
        "actions-alone": (0.5, 2),  # the block; the isolation had to be approved
        "actions-done": (2, 6),  # not the one that failed after it was begun
        "actions-verified": (2, 2),
        "actions-in-force": (1, 6),  # the block
        "actions-undone": (1, 6),
        "actions-expired": (0, 6),
        "actions-failed": (1, 6),
        "actions-ineffective": (0, 6),
        "actions-refused": (0, 6),
        "approvals-asked": (3, 3),  # the isolation, the one that waits, the one that lapsed
        "approvals-answered": (1, 3),
        "approvals-lapsed": (1, 3),
        "demotions": (1, 2),
    }


def test_so_is_the_week_before(told: Posture) -> None:
    found = {name: value for name, (value, _) in _values(told.before).items() if value}
    assert found == {
        "detection": 600, "response": 1_260, "folding": 5, "objects-before": 4, "objects-after": 1, "decided-alone": 1, "open": 1,
        "actions-alone": 1, "actions-done": 1, "actions-verified": 1, "actions-expired": 1,
    }  # fmt: skip


def test_so_are_the_counts_beside_figures(told: Posture) -> None:
    assert (told.incidents.count, told.incidents.before) == (2, 1)
    assert [(one.name, one.count, one.before) for one in told.outcomes] == [("attempted", 1, 1), ("undetermined", 1, 0)]
    assert [(one.name, one.count, one.before) for one in told.tactics] == [("execution", 2, 0), ("impact", 1, 1)]
    noise = [(one.rule, one.signals, one.incidents, one.benign, one.attacks) for one in told.noise]
    assert noise == [("r1", 16, 2, 0, 1), ("r2", 2, 1, 0, 0)]
    assert [(one.incident, one.question.code) for one in told.questions] == [
        ("d", "week.question.waiting"),
        ("d", "week.question.undetermined"),
    ]
    assert sorted(one.state for one in told.actions) == ["failed", "lapsed", "undone", "verified", "waiting"]
    assert [(one.level, one.why) for one in told.demotions] == [("L2", "taken back by ann")]
    assert told.silent == ("edge",)


def test_which_sources_are_silent_is_not_said_of_a_week_that_was_over(tmp_path: Path) -> None:
    with closing(open_store(tmp_path)) as store:
        assert posture(store, None, replace(WEEK, now=ENDS + timedelta(hours=1))).silent == ("edge",)
        assert posture(store, None, replace(WEEK, now=ENDS + timedelta(hours=2))).silent is None
