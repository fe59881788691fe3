"""Merging and splitting lose no fold, and taking an edit back leaves no trace of it."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.correlation import edit_case, edited, split_id
from watchkeeper.model.edit import Edit, Merge, Split
from watchkeeper.model.fold import Fold
from watchkeeper.model.incident import Incident

NOW = datetime(2025, 3, 3, tzinfo=UTC)
NAMES = "abcd"


def fold(name: str) -> Fold:
    return Fold(
        id=name, session=f"s{name[0]}", rule="r", title=f"t{name}", level="low", host=f"h{name[0]}", user="", first=NOW, last=NOW, count=2,
        exemplars=(), novelty=1.0, why=(),
    )  # fmt: skip


def incident(name: str, rank: int) -> Incident:
    folds = tuple(fold(f"{name}{number}") for number in range(3))
    return Incident(
        id=name, rank=rank, title=f"t{name}", level="low", score=1.0, start=NOW, end=NOW, sessions=(f"s{name}",), folds=folds,
        hosts=(f"h{name}",), entities=(), techniques=(), tactics=(), why=(), shown=True,
    )  # fmt: skip


FOUND = tuple(incident(name, rank) for rank, name in enumerate(NAMES, start=1))
names = st.sampled_from([*NAMES, split_id("a", ["a0"]), split_id("b", ["b1"]), "nowhere"])
merges = st.builds(lambda into, other: Merge(into=into, other=other), names, names)
splits = st.builds(
    lambda whole, folds: Split(incident=whole, folds=tuple(sorted(folds)), made=split_id(whole, sorted(folds))),
    names,
    st.sets(st.sampled_from([f"{name}{number}" for name in NAMES for number in range(3)]), max_size=4),
)
changes = st.lists(merges | splits | st.just(Split(incident="a", folds=("a0",), made=split_id("a", ["a0"]))), max_size=6)


def edits_of(given_changes: Sequence[Merge | Split]) -> list[Edit]:
    return [Edit(number=at, change=change, why="w", by="ann", time=NOW) for at, change in enumerate(given_changes, start=1)]


@given(changes)
def test_every_fold_stays_in_one_incident(given_changes: list[Merge | Split]) -> None:
    after = edited(FOUND, edits_of(given_changes)).incidents
    assert Counter(one.id for each in after for one in each.folds) == Counter(one.id for each in FOUND for one in each.folds)
    assert all(each.folds for each in after)
    assert len({each.id for each in after}) == len(after)
    for each in after:
        assert set(each.sessions) == {one.session for one in each.folds}
        assert set(each.hosts) == {one.host for one in each.folds}


@given(changes, st.data())
def test_an_edit_that_was_taken_back_leaves_no_trace(given_changes: list[Merge | Split], data: st.DataObject) -> None:
    edits = edits_of(given_changes)
    undone = data.draw(st.sets(st.sampled_from(edits), max_size=len(edits)) if edits else st.just(set[Edit]()))
    now = [one.model_copy(update={"undone": NOW}) if one in undone else one for one in edits]
    assert edited(FOUND, now) == edited(FOUND, [one for one in edits if one not in undone])
    everything_back = [one.model_copy(update={"undone": NOW}) for one in edits]
    assert edited(FOUND, everything_back).incidents == FOUND


def test_what_is_merged_says_who_and_why_and_what_is_split_off_claims_nothing_that_was_traced() -> None:
    whole = FOUND[0].model_copy(update={"failures": (), "score": 3.0})
    merge, split = edits_of([Merge(into="b", other="a"), Split(incident="b", folds=("a1",), made="new")])
    (left, part, *_) = edited([whole, *FOUND[1:]], [merge, split]).incidents
    assert (left.id, left.score, [one.id for one in left.folds]) == ("b", 3.0, ["b0", "b1", "b2", "a0", "a2"])
    assert [note.code for note in left.why] == ["incident.merged", "incident.lost"]
    assert left.why[0].arguments == {"incident": "a", "title": "ta", "by": "ann", "why": "w"}
    assert (part.id, part.verdict, part.trace, [one.id for one in part.folds]) == ("new", None, None, ["a1"])


def test_an_edit_of_what_is_not_there_is_said_to_be_unapplied() -> None:
    edits = edits_of([Merge(into="a", other="nowhere"), Split(incident="a", folds=("b0",), made="new"), Merge(into="a", other="b")])
    found = edited(FOUND, edits)
    assert [one.number for one in found.unapplied] == [1, 2]
    assert [one.id for one in found.incidents] == ["a", "c", "d"]


def test_signals_and_sessions_of_a_case_follow_its_incidents(story: SimpleNamespace) -> None:
    rows = [story.signal("x", 0, "ws1", level="critical"), story.signal("y", 600, "ws2", level="critical")]
    found = story.run(rows)
    first, second = found.incidents
    after = edit_case(found, edits_of([Merge(into=second.id, other=first.id)]))
    assert [(one.id, one.rank) for one in after.incidents] == [(second.id, 1)]
    assert set(after.signals.column("incident").to_pylist()) == {second.id}
    assert {one.incident for one in after.sessions} == {second.id}
    assert edit_case(found, []) is found
