"""Regular expressions: which engine runs them, and that the usual one cannot be made slow."""

import time

import pytest

from watchkeeper.detection.sigma import regex
from watchkeeper.detection.sigma.condition import Regex
from watchkeeper.detection.sigma.regex import LIMIT_SECONDS, MOST_CHARACTERS, Watch, is_bounded, search


def test_a_pattern_is_found_anywhere() -> None:
    assert search(Regex("b+c"))("abbcd")
    assert not search(Regex("b+c"))("abd")


def test_flags_are_applied() -> None:
    assert search(Regex("^B.$", "ims"))("a\nb\n")
    assert not search(Regex("^B.$"))("a\nb\n")


@pytest.mark.parametrize("pattern", ["a(?=b)", "(?<!x)a", r"(a)\1"])
def test_what_re2_refuses_runs_in_another_engine_and_is_known_to(pattern: str) -> None:
    assert not is_bounded(Regex(pattern))
    assert search(Regex(pattern))("aab")


def test_what_no_engine_understands_is_refused() -> None:
    with pytest.raises(ValueError, match="not a regular expression"):
        search(Regex("a("))


def test_nested_repeats_do_not_make_a_long_value_slow() -> None:
    assert is_bounded(Regex("(a+)+$"))
    before = time.process_time()
    assert not search(Regex("(a+)+b$"))("a" * 200_000 + "c")
    assert time.process_time() - before < 1


def test_patterns_with_many_states_find_what_is_there() -> None:
    pattern = Regex("(" + "|".join(f"word{number}[a-z]{{1,20}}end" for number in range(300)) + ")", "i")
    assert search(pattern)("x" * 10_000 + "WORD299abcEND")
    assert not search(pattern)("x" * 10_000 + "word300abcend")


SLOW = Regex(r"(.*?,){11}P\b(?!z)")
HOSTILE = "1,2,3,4,5,6,7,8,9,10,11,12," * 40


def test_what_another_engine_runs_is_given_up_in_time_and_said_to_be() -> None:
    watch = Watch()
    before = time.perf_counter()
    assert not search(SLOW)(HOSTILE)
    assert time.perf_counter() - before < 10 * LIMIT_SECONDS
    assert search(SLOW)("," * 11 + "P")
    (said,) = watch.problems()
    assert said.startswith(f"the pattern {SLOW.pattern!r} was given up on 1 values")
    assert list(Watch().problems()) == []


def test_a_pattern_that_is_given_up_often_gets_less_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regex, "PATIENCE", 5)
    pattern = Regex(r"(.*?,){12}P\b(?!z)")
    before = time.perf_counter()
    for _ in range(5):
        search(pattern)(HOSTILE)
    patient = time.perf_counter()
    for _ in range(5):
        search(pattern)(HOSTILE)
    assert time.perf_counter() - patient < (patient - before) / 3


def test_another_engine_sees_the_beginning_of_a_long_value_and_that_is_said() -> None:
    watch = Watch()
    assert search(Regex("b(?=c)"))("bc" + "a" * MOST_CHARACTERS)
    assert not search(Regex("b(?=d)"))("a" * MOST_CHARACTERS + "bd")
    assert [said.split(" saw ")[1] for said in watch.problems()] == ["only the first 65,536 characters of 1 values"] * 2


@pytest.mark.parametrize(("pattern", "value"), [(r"(?<=a)(?:b)\z", "ab"), (r"\A(?:a)(?!c)", "ab"), (r"(?i)\bA(?=b)", "ab")])
def test_anchors_and_flags_mean_the_same_in_another_engine(pattern: str, value: str) -> None:
    assert not is_bounded(Regex(pattern))
    assert search(Regex(pattern))(value)
    assert not search(Regex(pattern))("x" + value + "c")


def test_half_a_surrogate_pair_is_a_character_like_another() -> None:
    assert search(Regex("^a.b$"))("a\ud800b")
    assert not search(Regex("^ab$"))("a\udc00b")


def test_what_another_process_came_upon_is_said_here() -> None:
    watch, other = Watch(), Watch()
    watch.take_over({"a": 2}, {"b": 1})
    assert [said.split(" on ")[0].split(" saw ")[0] for said in watch.problems()] == ["the pattern 'a' was given up", "the pattern 'b'"]
    assert not search(SLOW)(HOSTILE)
    assert other.hand_over() == ({SLOW.pattern: 1}, {})
    assert list(other.problems()) == []
