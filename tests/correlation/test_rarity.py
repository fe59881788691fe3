"""Novelty: hours and not signals, the past where there is one, the record itself where there is none."""

from types import SimpleNamespace

import pytest

from watchkeeper.model.fold import Fold


def novelty(folds: tuple[Fold, ...], rule: str) -> list[float]:
    return [fold.novelty for fold in folds if fold.rule == rule]


def test_a_flood_buys_no_normality(story: SimpleNamespace) -> None:
    once = [story.signal("noisy", 1500), story.signal("noisy", 3000)]
    flood = [story.signal("noisy", 1500 + n / 100) for n in range(900)]
    quiet = story.run([*story.everyday(4, 60), *once]).folds
    loud = story.run([*story.everyday(4, 60), *once, *flood]).folds
    often = [story.signal("noisy", 1500 + 60 * n) for n in range(20)]
    recurring = story.run([*story.everyday(4, 60), *once, *often]).folds
    assert novelty(loud, "noisy")[-1] == pytest.approx(novelty(quiet, "noisy")[-1], abs=0.1)
    assert novelty(recurring, "noisy")[-1] < novelty(quiet, "noisy")[-1] - 3


def test_what_recurs_becomes_everyday(story: SimpleNamespace) -> None:
    rows = [*story.everyday(4, 80), *(story.signal("nightly", 60 * hour + 7) for hour in range(0, 80, 2))]
    found = novelty(story.run(rows).folds, "nightly")
    assert found[-1] < 0.5 * max(found)


def test_learning_does_not_hide_what_is_high(story: SimpleNamespace) -> None:
    folds = story.run([*story.everyday(4, 60), story.signal("odd", 30), story.signal("bad", 31, level="high")]).folds
    codes = {fold.rule: fold.why[1].code for fold in folds if fold.rule in ("odd", "bad")}
    assert codes == {"odd": "novelty.learning", "bad": "novelty.record"}


def test_in_a_short_record_what_fires_everywhere_all_the_time_is_background(story: SimpleNamespace) -> None:
    folds = story.run([*story.everyday(10, 8), story.signal("once", 200, "ws3")]).folds
    assert max(novelty(folds, "logon")) < 0.3 * novelty(folds, "once")[0]


def test_a_new_host_is_not_judged_by_a_past_it_does_not_have(story: SimpleNamespace) -> None:
    learnt = story.run(story.everyday(4, 60)).baseline
    rows = [story.signal("logon", 4000 + n, "new") for n in range(50)]
    assert {fold.why[1].code for fold in story.run(rows, learnt).folds} == {"novelty.record"}
    known = [story.signal("logon", 4000 + n, "ws1") for n in range(50)]
    assert {fold.why[1].code for fold in story.run(known, learnt).folds} == {"novelty.past"}
