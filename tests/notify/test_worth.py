"""What is worth telling: what changes what one should do, and not every further signal."""

from pathlib import Path
from typing import Any

import pytest

from watchkeeper.model.incident import Case, Incident
from watchkeeper.notify.worth import worth_telling

WHOLE = Path(__file__).parents[1] / "cases" / "reporting" / "whole" / "case.json"


@pytest.fixture(scope="module")
def incident() -> Incident:
    found = Case.model_validate_json(WHOLE.read_text("utf-8")).incidents[0]
    return found.model_copy(update={"shown": True, "level": "high", "impact": None, "hosts": ("ws1",)})


def _judged(incident: Incident, outcome: Any) -> Incident:
    if outcome is None:
        return incident.model_copy(update={"verdict": None})
    assert incident.verdict
    return incident.model_copy(update={"verdict": incident.verdict.model_copy(update={"outcome": outcome})})


def _worth(before: Incident | None, after: Incident, **more: Any) -> tuple[str, ...]:
    return worth_telling(before, after, {"dc1", "backup"}.__contains__, **more)


def test_a_new_one_is_told_when_people_are_shown_it(incident: Incident) -> None:
    hidden = incident.model_copy(update={"shown": False})
    assert _worth(None, hidden) == ()
    assert _worth(None, _judged(incident, "attempted")) == ("new",)
    assert _worth(hidden, _judged(incident, None)) == ("new",)
    assert _worth(None, _judged(incident, "succeeded")) == ("new", "succeeded")
    assert _worth(_judged(incident, "attempted"), _judged(hidden, "succeeded")) == ()


def test_further_signals_are_not_told(incident: Incident) -> None:
    more = incident.model_copy(
        update={"score": incident.score + 9, "hosts": ("ws1", "ws2"), "title": "Something else", "folds": incident.folds * 3}
    )
    assert _worth(incident, incident) == ()
    assert _worth(incident, more) == ()


@pytest.mark.parametrize(
    ("before", "after", "reasons"),
    [
        ("undetermined", "attempted", ("verdict",)), ("attempted", "succeeded", ("succeeded",)), ("succeeded", "blocked", ("verdict",)),
        ("attempted", "benign", ("verdict",)), ("benign", "authorised", ()), ("authorised", "attempted", ("verdict",)),
        (None, "undetermined", ()), (None, "succeeded", ("succeeded",)), ("attempted", None, ()),
    ],
)  # fmt: skip
def test_another_verdict_is_told_if_it_asks_for_something_else(
    incident: Incident, before: Any, after: Any, reasons: tuple[str, ...]
) -> None:
    assert _worth(_judged(incident, before), _judged(incident, after)) == reasons


def test_a_further_protected_asset_is_told_once(incident: Incident) -> None:
    reached = incident.model_copy(update={"hosts": ("ws1", "DC1")})
    both = incident.model_copy(update={"hosts": ("dc1", "ws1", "backup")})
    assert _worth(incident, reached) == ("spread",)
    assert _worth(reached, reached.model_copy(update={"hosts": ("DC1", "ws1", "ws2")})) == ()
    assert _worth(reached, both) == ("spread",)


def test_what_an_event_shows_was_acted_on_counts_like_a_host(incident: Incident) -> None:
    whole = Case.model_validate_json(WHOLE.read_text("utf-8")).incidents[0]
    assert whole.impact
    touched = whole.impact.confirmed[0]
    there = touched.model_copy(update={"entity": touched.entity.model_copy(update={"value": "BACKUP"})})
    after = incident.model_copy(update={"impact": whole.impact.model_copy(update={"confirmed": (there,)})})
    assert _worth(incident, after) == ("spread",)


def test_re_opened_and_more_severe_are_told(incident: Incident) -> None:
    assert _worth(incident, incident, is_reopened=True) == ("re-opened",)
    assert _worth(incident.model_copy(update={"level": "low"}), incident) == ("severer",)
    assert _worth(incident, incident.model_copy(update={"level": "low"})) == ()
