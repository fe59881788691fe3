"""Experience: nothing is learnt from nothing, the same from the same words in any order, and a judged subject is a person's."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.model.note import Note
from watchkeeper.triage.closing import Closing
from watchkeeper.triage.experience import NO_EXPERIENCE, learn


def _words(subject: Any, judged: Any, count: int) -> list[Any]:
    def word(at: int) -> Any:
        is_attack = at % 12 == 0
        of = subject(str(at), at, ("bad" if is_attack else "good",), prior=-1.0, severity=2.0 * is_attack)
        return judged(of, "blocked" if is_attack else "benign")

    return [word(at) for at in range(count)]


@given(st.floats(-5, 5), st.integers(0, 10**6))
def test_without_words_the_odds_are_the_label_free_ones_and_nothing_is_closed(subject: Any, prior: float, hour: int) -> None:
    asked = subject("x", hour, prior=prior)
    assert NO_EXPERIENCE.log_odds(asked) == prior
    assert isinstance(NO_EXPERIENCE.closing, Note)
    assert NO_EXPERIENCE.kept_open(asked) == "unproven"


@given(st.randoms(use_true_random=False))
@settings(max_examples=8, deadline=None)
def test_the_order_of_words_changes_nothing(subject: Any, judged: Any, shuffled: Any) -> None:
    words = _words(subject, judged, 900)
    other = words.copy()
    shuffled.shuffle(other)
    one, two = learn(words), learn(other)
    assert (one.model, one.closing, one.labels, one.attacks) == (two.model, two.closing, two.labels, two.attacks)


def test_what_a_person_judged_is_never_closed_over_their_head(subject: Any, judged: Any) -> None:
    experience = learn(_words(subject, judged, 900))
    assert isinstance(experience.closing, Closing)
    alike = subject("x", 5000, ("good",), prior=-1.0)
    assert experience.kept_open(alike) is None
    assert experience.kept_open(alike.model_copy(update={"id": "5"})) == "judged"
    assert experience.log_odds(alike) < experience.log_odds(subject("y", 5000, ("bad",), prior=-1.0, severity=2.0))
