"""Figures over incidents rest on what is kept: what is missing is left out, counted and said."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from watchkeeper.autopilot.action_figures import Period
from watchkeeper.autopilot.metrics import Material, computed
from watchkeeper.model.feedback import Feedback
from watchkeeper.model.incident import Case
from watchkeeper.model.live import LiveIncident
from watchkeeper.model.metrics import Metric
from watchkeeper.model.summary import IncidentSummary, Word
from watchkeeper.model.verdict import Outcome

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
CASE = Path(__file__).parents[1] / "cases" / "reporting" / "whole" / "case.json"


def _line(id_: str, verdict: Outcome | None, *said: Outcome, shown: bool = True) -> IncidentSummary:
    words = tuple(Word(verdict=one, by="ann", why="seen", time=NOON) for one in said)
    bare = {
        "rank": 1,
        "title": "Evil",
        "level": "high",
        "score": 5.0,
        "start": NOON,
        "end": NOON,
        "hosts": (),
        "users": (),
        "techniques": (),
    }
    more = {"signals": 30, "sessions": 3, "attack": 0.9, "status": "open", "standing": None, "assigned": "", "synthetic": False}
    return IncidentSummary.model_validate({**bare, **more, "id": id_, "verdict": verdict, "said": words, "shown": shown})


def _said(id_: str, verdict: Outcome) -> Feedback:
    return Feedback(subject=id_, verdict=verdict, why="seen", by="ann", time=NOON + timedelta(minutes=9))


@pytest.fixture
def figures() -> dict[str, Metric]:
    incident = Case.model_validate_json(CASE.read_bytes()).incidents[0].model_copy(update={"id": "a", "start": NOON})
    opened, judged = NOON + timedelta(seconds=20), NOON + timedelta(seconds=50)
    live = LiveIncident(incident=incident, status="open", revision=1, opened=opened, updated=opened, judged=judged)
    old = live.model_copy(update={"incident": incident.model_copy(update={"id": "b"}), "judged": None})
    lines = (
        _line("a", "succeeded", "attempted"),
        _line("b", "benign", "succeeded"),
        _line("c", "attempted"),
        _line("d", None, shown=False),
    )
    said = (_said("a", "attempted"), _said("b", "succeeded"))
    found = computed(Material((live, old), lines, said, None), Period(), "en")
    return {one.name: one for one in found.metrics}


@pytest.mark.parametrize(
    ("name", "value", "over"),
    [
        ("detection", 20, 2),
        ("verdict", 30, 1),
        ("judging", 520, 2),
        ("response", None, 0),
        ("closing", None, 0),
        ("folding", 40, 3),
        ("objects-before", 12, 4),
        ("objects-after", 3, 4),
        ("decided-alone", 0.25, 4),
        ("agreement", 0.5, 2),
        ("false-rate", 0, 2),
        ("open", 3, 3),
        ("actions-done", None, 0),
    ],
)
def test_a_figure_says_what_it_is_and_how_much_it_rests_on(figures: dict[str, Metric], name: str, value: float | None, over: int) -> None:
    assert (figures[name].value, figures[name].over) == (value, over)


def test_what_is_left_out_is_counted(figures: dict[str, Metric]) -> None:
    assert figures["verdict"].left_out.endswith(": 3")
    assert figures["agreement"].left_out.endswith(": 2")
    assert figures["folding"].left_out == ""


def test_nothing_at_all_is_unknown() -> None:
    found = computed(Material((), (), (), None), Period(), "zh")
    assert {one.name: one.value for one in found.metrics if one.value is not None} == {"open": 0}
