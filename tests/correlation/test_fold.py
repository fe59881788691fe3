"""Folds: one rule, host and user in a session; counts, a few that stand for all, the highest level."""

from itertools import pairwise
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.correlation.columns import coded
from watchkeeper.correlation.fold import MOST_ENTITIES, MOST_USERS, Folds
from watchkeeper.correlation.session import Sessions


def test_repetition_is_folded_and_counted(story: SimpleNamespace) -> None:
    rows = [story.signal("a", minute / 10, level="high" if minute == 7 else "low") | {"id": f"{minute:04d}"} for minute in range(100)]
    (fold,) = story.run(rows).folds
    assert (fold.count, fold.level) == (100, "high")
    assert len(fold.exemplars) == 5
    assert (fold.exemplars[0], fold.exemplars[-1]) == ("0000", "0099")
    assert [note.code for note in fold.why] == ["fold.repeated-nobody", "novelty.record"]


def test_rules_and_users_have_folds_of_their_own(story: SimpleNamespace) -> None:
    got = story.run([story.signal("a", 0, user="alice"), story.signal("a", 1, user="bob"), story.signal("b", 2, user="bob")])
    assert [(fold.rule, fold.user, fold.count) for fold in got.folds] == [("a", "alice", 1), ("a", "bob", 1), ("b", "bob", 1)]


def test_techniques_of_all_its_signals_are_kept(story: SimpleNamespace) -> None:
    (fold,) = story.run([story.signal("a", 0, techniques=["T1059"]), story.signal("a", 1, techniques=["T1003.001", "T1059"])]).folds
    assert fold.techniques == ("T1003.001", "T1059")


def test_a_fold_keeps_a_bounded_number_of_entities_and_says_so(story: SimpleNamespace) -> None:
    names = [f"domain:{number:04}.example" for number in range(MOST_ENTITIES + 7)]
    rows = [story.signal("a", 0, entities=names[:300]), story.signal("a", 1, entities=names[300:])]
    (fold,) = story.run(rows).folds
    assert "fold.many-entities" in {note.code for note in fold.why}
    (few,) = story.run(rows[:1]).folds
    assert "fold.many-entities" not in {note.code for note in few.why}


def test_a_flood_of_users_does_not_make_as_many_folds(story: SimpleNamespace) -> None:
    got = story.run([story.signal("a", number / 100, user=f"u{number}") for number in range(MOST_USERS + 50)])
    assert len(got.folds) == MOST_USERS + 1
    assert sum(fold.count for fold in got.folds) == MOST_USERS + 50


@given(count=st.integers(1, 70), cuts=st.lists(st.integers(0, 70), max_size=5))
def test_what_stands_for_a_fold_is_the_same_however_it_grew(story: SimpleNamespace, count: int, cuts: list[int]) -> None:
    table = story.table([story.signal("a", at / 10) | {"id": f"{at:04}"} for at in range(count)])
    folds, sessions = Folds(), Sessions.none()
    for start, end in pairwise(sorted({0, count, *(min(cut, count) for cut in cuts)})):
        part = coded(table.slice(start, end - start))
        folds.take(part, sessions, sessions.cut(part))
    (whole,) = story.run(table.to_pylist()).folds
    (grown,) = folds.by_key.values()
    assert (grown.exemplars, grown.count) == (whole.exemplars, count)
    assert (grown.exemplars[0], grown.exemplars[-1], len(grown.exemplars) <= 5) == ("0000", f"{count - 1:04}", True)
