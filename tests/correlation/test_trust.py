"""What people say of incidents moves their rules, within bounds, and only as long as they say it."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.baseline import Baseline, Sighting
from watchkeeper.correlation import Knowledge, attacks, correlate, latest, records, trusts
from watchkeeper.correlation.trust import LEAST_TRUST, MOST_TRUST, trust
from watchkeeper.model.asset import Asset
from watchkeeper.model.feedback import Feedback, JudgedFold
from watchkeeper.model.record import RuleRecord
from watchkeeper.model.verdict import Outcome

NOW = datetime(2025, 3, 3, 8, 30, tzinfo=UTC)
verdicts = st.sampled_from(["succeeded", "attempted", "blocked", "authorised", "benign", "undetermined"])


def said(subject: str, verdict: Outcome, *rules: str, place: str = "host:ws1", minutes: int = 10) -> Feedback:
    folds = tuple(
        JudgedFold(id=f"{subject}-{rule}", rule=rule, level="high", place=place, first=NOW, last=NOW + timedelta(minutes=minutes))
        for rule in rules
    )
    return Feedback(subject=subject, verdict=verdict, why="w", by="ann", time=NOW, folds=folds)


def record(true: int, false: int, places: int) -> RuleRecord:
    return RuleRecord(rule="r", true=true, false=false, authorised=0, false_places=places, last=NOW)


def test_the_last_words_about_something_count() -> None:
    words = [said("a", "benign", "r"), said("b", "benign", "r"), said("a", "succeeded", "r"), said("b", "undetermined", "r")]
    assert [(one.subject, one.verdict) for one in latest(words)] == [("a", "succeeded")]
    (found,) = records(words).values()
    assert (found.true, found.false, found.authorised) == (1, 0, 0)


def test_an_incident_counts_once_for_each_of_its_rules() -> None:
    found = records([said("a", "benign", "r", "r", "s"), said("b", "authorised", "s", place="host:ws2")])
    assert {rule: (one.true, one.false, one.authorised) for rule, one in found.items()} == {"r": (0, 1, 0), "s": (0, 1, 1)}


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500))
def test_no_words_silence_a_rule_and_none_makes_it_worth_more_than_its_level(true: int, false: int, places: int) -> None:
    assert LEAST_TRUST <= trust(record(true, false, places)) <= MOST_TRUST
    assert trust(record(true + 1, false, places)) >= trust(record(true, false, places)) >= trust(record(true, false + 1, places))


def test_one_word_moves_a_rule_a_little_and_one_host_not_for_ever() -> None:
    assert trust(record(0, 0, 0)) == 1.0
    assert trust(record(0, 1, 1)) == pytest.approx(0.8)
    assert trust(record(1, 0, 0)) == trust(record(1, 1, 1)) == 1.0
    assert trust(record(1, 2, 2)) > trust(record(0, 2, 2))
    assert trust(record(0, 100, 1)) == trust(record(0, 2, 1)) > trust(record(0, 4, 4))


def test_a_rule_that_was_wrong_counts_less_and_its_folds_say_so(story: SimpleNamespace) -> None:
    rows = [story.signal("r", 0, level="high")]
    words = [said(name, "benign", "r", place=f"host:{name}") for name in "abcdef"]
    scores = []
    for count in range(len(words) + 1):
        found = correlate(
            story.table(rows), Baseline.empty(), Knowledge(lambda host: Asset(name=host), trusts=trusts(records(words[:count])))
        )
        scores.append(found.sessions[0].score)
        assert [note.arguments["false"] for note in found.folds[0].why if note.code == "fold.trust"] == ([str(count)] if count else [])
    assert all(after < before for before, after in pairwise(scores))


@given(st.lists(st.tuples(st.sampled_from("abc"), verdicts), max_size=12))
def test_what_was_taken_out_of_what_is_normal_comes_back_when_the_words_do(spoken: list[tuple[str, Outcome]]) -> None:
    subjects = {name: said(name, "benign", f"rule-{name}", minutes=90) for name in "abc"}
    learnt = Baseline.empty().learn(
        sighting for one in subjects.values() for sighting in attacks([one.model_copy(update={"verdict": "succeeded"})])
    )
    words = [subjects[name].model_copy(update={"verdict": verdict}) for name, verdict in spoken]
    true = {name for name, verdict in dict(spoken).items() if verdict in ("succeeded", "attempted", "blocked")}
    left = {sighting.rule for sighting in learnt.without(attacks(words)).sightings()}
    assert left == {f"rule-{name}" for name in "abc" if name not in true}
    withdrawn = [*words, *(one.model_copy(update={"verdict": "undetermined"}) for one in subjects.values())]
    assert learnt.without(attacks(withdrawn)).table.equals(learnt.table)


def test_an_attack_takes_every_hour_of_it_and_no_other() -> None:
    hour = int(NOW.timestamp()) // 3600
    assert set(attacks([said("a", "succeeded", "r", minutes=80)])) == {Sighting(hour, "r", "host:ws1"), Sighting(hour + 1, "r", "host:ws1")}
    assert list(attacks([said("a", "benign", "r")])) == []
