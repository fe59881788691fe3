"""The history: only what began before counts, whatever order words come in, and who takes a word back has said nothing."""

import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.triage.history import NAMES, History, labelled, vector


def test_only_what_began_before_counts(subject: Any, judged: Any) -> None:
    history = History([judged(subject("a", 1.0)), judged(subject("b", 2.0), "succeeded"), judged(subject("c", 3.0), "succeeded")])
    assert history.past(subject("x", 0.5)).unlabelled == 1
    assert history.past(subject("x", 1.0)).record == 0.0, "what began at the same time does not count"
    assert history.past(subject("x", 1.5)).record < 0
    assert history.past(subject("x", 3.5)).record > 0
    assert history.past(subject("x", None)).unlabelled == 1, "what has no time has no past"
    assert History([judged(subject("a", None))]).past(subject("x", 0.0)).unlabelled == 0


def test_the_worst_rule_makes_the_record_and_one_never_judged_counts_as_even(subject: Any, judged: Any) -> None:
    history = History([judged(subject(str(hour), hour, ("good",))) for hour in range(9)])
    assert history.past(subject("x", 10, ("good",))).record < -2
    assert history.past(subject("x", 10, ("good", "new"))).record == 0.0
    assert history.past(subject("x", 10, ("good", "new"))).unlabelled == 1


def test_a_severe_rule_that_was_right_is_confirmed(subject: Any, judged: Any) -> None:
    history = History([judged(subject("a", 1.0, ("r", "q")), "attempted")])
    assert history.past(subject("x", 2.0, ("r",), ("r",))).confirmed
    assert not history.past(subject("x", 2.0, ("r",))).confirmed
    assert not history.past(subject("x", 2.0, ("z",), ("z",))).confirmed


def test_a_trail_is_authorised_until_it_was_an_attack(subject: Any, judged: Any) -> None:
    first = judged(subject("a", 1.0, ("r", "q")), "authorised")
    past = History([first]).past(subject("x", 2.0, ("r", "q", "z")))
    assert (past.authorised, past.harmless, past.unlike) == ((True, True, False), (True, True, False), 1)
    past = History([first, judged(subject("b", 1.5, ("r",)), "succeeded")]).past(subject("x", 2.0, ("r", "q")))
    assert (past.authorised, past.harmless) == ((False, True), (False, True))


def test_the_last_word_holds_and_undetermined_takes_it_back(subject: Any, judged: Any) -> None:
    one = subject("a", 1.0)
    said = [judged(one, "benign", 1.0), judged(one, "succeeded", 2.0)]
    assert [word.verdict for word in labelled(said)] == ["succeeded"]
    assert labelled([*said, judged(one, "undetermined", 3.0)]) == ()
    odd = one.model_copy(update={"id": "odd", "traits": {"of another version": 1.0}})
    assert labelled([judged(odd)]) == ()


@given(st.randoms(use_true_random=False))
def test_the_order_of_words_does_not_matter(subject: Any, judged: Any, shuffled: random.Random) -> None:
    verdicts = ("benign", "succeeded", "authorised", "undetermined", "blocked")
    words = [judged(subject(str(at % 7), at % 7), verdicts[at % 5], at) for at in range(20)]
    other = words.copy()
    shuffled.shuffle(other)
    assert labelled(words) == labelled(other)


def test_a_vector_has_a_value_for_every_name(subject: Any) -> None:
    one = subject(score=2.0)
    values = dict(zip(NAMES, vector(one, History([]).past(one)), strict=True))
    assert (values["score"], values["record"]) == (2.0, 0.0)
    assert values["unlabelled"] > 0
