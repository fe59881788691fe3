"""Closing: never without proof, never more often wrongly proven than the bound allows, and what must stay open stays open."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.model.note import Note
from watchkeeper.model.subject import Precedent
from watchkeeper.model.verdict import ATTACK
from watchkeeper.triage.closing import MOST_MISSES, SHOWN_SHARE, Closing, is_drawn, prove
from watchkeeper.triage.history import History, labelled


def _proven(words: Sequence[Precedent]) -> Closing | Note:
    known = labelled(words)
    history = History(known)
    return prove(known, [history.past(one.subject) for one in known])


def _world(subject: Any, judged: Any, seed: int, hidden: float, count: int = 1150) -> list[Precedent]:
    """One in twelve is an attack that tells; of the others a share is an attack that nothing tells apart."""
    chance = np.random.default_rng(seed)
    loud, quiet = chance.random(count) < 1 / 12, chance.random(count) < hidden
    noise = chance.uniform(0, 0.4, count)
    return [
        judged(
            subject(str(at), at, ("loud",) if loud[at] else ("quiet",), prior=-1.0, severity=float(noise[at] + 1.5 * loud[at])),
            "succeeded" if loud[at] or quiet[at] else "benign",
        )
        for at in range(count)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def proven(subject: Any, judged: Any) -> Closing:
    found = _proven(_world(subject, judged, 1, 0.0))
    assert isinstance(found, Closing)
    return found


@given(st.integers(0, 700))
@settings(max_examples=15, deadline=None)
def test_without_enough_labels_nothing_is_ever_closed(subject: Any, judged: Any, count: int) -> None:
    found = _proven(_world(subject, judged, 1, 0.0, count))
    assert isinstance(found, Note)
    assert found.code == "triage.closing.too-few"


def test_a_history_without_attacks_proves_nothing(subject: Any, judged: Any) -> None:
    found = _proven([judged(subject(str(at), at)) for at in range(3000)])
    assert isinstance(found, Note)


def test_what_is_closed_is_under_a_bound_that_later_labels_give(proven: Closing) -> None:
    assert proven.closed >= 598
    assert proven.misses == 0
    assert proven.bound < MOST_MISSES


def _wrongly(subject: Any, judged: Any, worlds: int) -> int:
    return sum(isinstance(_proven(_world(subject, judged, seed, MOST_MISSES)), Closing) for seed in range(worlds))


def test_worlds_with_half_a_percent_of_misses_are_seldom_closed(subject: Any, judged: Any) -> None:
    assert _wrongly(subject, judged, 40) <= 0.05 * 40 + 3 * (40 * 0.05 * 0.95) ** 0.5


@pytest.mark.slow
def test_many_worlds_with_half_a_percent_of_misses_are_closed_in_one_of_twenty_at_most(subject: Any, judged: Any) -> None:
    assert _wrongly(subject, judged, 400) <= 0.05 * 400 + 3 * (400 * 0.05 * 0.95) ** 0.5


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({}, None),
        ({"barred": ("critical-asset",)}, "critical-asset"),
        ({"barred": ("intelligence",)}, "intelligence"),
        ({"rules": ("quiet", "new")}, "unlabelled"),
        ({"signals": 99.0, "prior": -900.0}, "beyond"),
        ({"severity": 1.8, "rules": ("loud",)}, "likely"),
        ({"rules": ("loud",), "severe": ("loud",), "prior": -900.0}, "confirmed"),
    ],
)
def test_what_must_stay_open_does_and_says_why(
    subject: Any, judged: Any, proven: Closing, changed: dict[str, Any], reason: str | None
) -> None:
    history = History(labelled(_world(subject, judged, 1, 0.0)))
    asked = subject("new one", 9e3, **{"rules": ("quiet",), "prior": -1.0, **changed})
    certain = Closing(**{field: getattr(proven, field) for field in proven.__dataclass_fields__})
    if changed.get("prior") == -900.0:  # so unlikely by itself that only the rule that must never be closed keeps it open
        certain = Closing(proven.model, 1e9, proven.highest, proven.closed, proven.misses, proven.bound)
    assert certain.kept_open(asked, history.past(asked)) == reason


def test_one_contrary_word_on_a_drawn_one_suspends_closing_of_its_kind(subject: Any, judged: Any) -> None:
    def words(drawn: int) -> list[Precedent]:
        quiet = [judged(subject(f"q{at}", 2000 + at, ("quiet",), prior=-1.0)) for at in range(1000)]
        rare = [judged(subject(f"r{at}", 1500 + at, ("rare",), prior=-1.0)) for at in range(40)]
        found = [judged(subject(f"d{at}", 4000 + at, ("rare",), prior=-1.0, chance=SHOWN_SHARE), "succeeded") for at in range(drawn)]
        return [*_world(subject, judged, 1, 0.0), *quiet, *rare, *found]

    before, after = _proven(words(0)), _proven(words(1))
    assert isinstance(before, Closing)
    assert isinstance(after, Closing)
    assert (before.suspended, before.misses) == (frozenset(), 0)
    assert (after.suspended, after.misses) == (frozenset({"rare"}), 1)
    assert (
        after.kept_open(subject("x", 9e3, ("rare",), prior=-9.0), History(labelled(words(1))).past(subject("x", 9e3, ("rare",))))
        is not None
    )
    assert isinstance(_proven(words(9)), Note), "several take the proof away altogether"


def test_as_many_are_drawn_as_promised_and_nobody_without_the_key_can_tell_which() -> None:
    names = [str(at) for at in range(40_000)]
    one, other = ({name for name in names if is_drawn(name, key)} for key in (b"a" * 32, b"b" * 32))
    assert len(one) / 40_000 == pytest.approx(SHOWN_SHARE, abs=0.002)
    assert len(one & other) < 40
    assert one == {name for name in names if is_drawn(name, b"a" * 32)}


def test_the_world_of_these_tests_holds_what_it_says(subject: Any, judged: Any) -> None:
    words = _world(subject, judged, 3, 0.01, 20_000)
    quiet = [one for one in words if one.subject.rules == ("quiet",)]
    assert sum(one.verdict in ATTACK for one in quiet) / len(quiet) == pytest.approx(0.01, abs=0.003)
