"""Figures of actions count what the records say, in their time; without a ledger they are unknown and never 0."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from watchkeeper.autopilot.action_figures import Period, action_figures, first_working, held_at
from watchkeeper.autopilot.figure import Teller
from watchkeeper.model.acted import Acted
from watchkeeper.model.language import LANGUAGES, Language
from watchkeeper.model.policy import LevelSet
from watchkeeper.model.proposal import ActionRecord, Approval

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
Recorded = Callable[..., ActionRecord]


def _values(found: Acted | None, period: Period) -> dict[str, float | None]:
    return {one.name: one.value for one in action_figures(found, period, Teller("en"))}


@pytest.fixture
def found(recorded: Recorded) -> Acted:
    asked = {"outcome": "ask", "level": "L2", "approvals": 1, "why": ()}
    bare = {"done": None, "expires": None, "checks": ()}
    waiting = recorded(incident="i2", state="lapsed", ruling=asked, **bare)
    approved = recorded(incident="i3", ruling=asked)
    yes = Approval(proposal=approved.id, digest=approved.proposal.digest, by="ann", agrees=True, way="cli", time=NOON + HOUR / 2)
    records = (
        recorded(), recorded(incident="i4", state="undone", changed=NOON + HOUR), recorded(incident="i5", state="failed", **bare),
        recorded(incident="i8", state="failed", checks=()), recorded(incident="i9", state="doing", checks=()),
        recorded(incident="i6", state="refused", **bare), recorded(incident="i7", asked_by="person:ann"), waiting, approved,
    )  # fmt: skip
    lowered = LevelSet(action="block_address", group="*", level="L2", by="system", time=NOON, why="undone by a person")
    raised = lowered.model_copy(update={"by": "ann", "level": "L3"})
    return Acted(records=records, approvals=(yes,), levels=(raised, lowered))


def test_they_count_what_became_of_actions_in_a_time(found: Acted) -> None:
    assert _values(found, Period(NOON, NOON + 2 * HOUR)) == {
        "actions-alone": 0.5, "actions-done": 4, "actions-verified": 4, "actions-in-force": 4, "actions-undone": 1, "actions-expired": 0,
        "actions-failed": 2, "actions-ineffective": 0, "actions-refused": 1, "approvals-asked": 2, "approvals-answered": 1,
        "approvals-lapsed": 1, "demotions": 1,
    }  # fmt: skip
    later = _values(found, Period(NOON + 2 * HOUR, NOON + 3 * HOUR))
    assert {name for name, value in later.items() if value} == {"actions-in-force"}


def test_what_nobody_keeps_is_unknown_and_never_zero() -> None:
    assert set(_values(None, Period()).values()) == {None}


def test_what_was_taken_back_later_was_in_force_before(recorded: Recorded) -> None:
    undone = recorded(state="undone", changed=NOON + 2 * HOUR)
    assert (held_at(undone, NOON + HOUR), held_at(undone, NOON + 3 * HOUR), held_at(undone, NOON)) == (True, False, False)


def test_an_action_works_from_when_its_target_showed_it(recorded: Recorded) -> None:
    promised = recorded(incident="i2", checks=({"where": "telemetry", "outcome": "in-force", "time": NOON, "said": "quiet"},))
    assert first_working((recorded(), promised)) == {"i1": NOON + timedelta(seconds=30)}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_figure_says_how_it_was_computed(found: Acted, lang: Language) -> None:
    figures = list(action_figures(found, Period(), Teller(lang)))
    assert all(one.how and "[" not in one.how and "?" not in one.how for one in figures)
