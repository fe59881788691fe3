"""Folds: one rule, host and user in a session; counts, a few that stand for all, the highest level."""

from types import SimpleNamespace


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
