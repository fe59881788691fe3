"""Regular expressions: which engine runs them, and that the usual one cannot be made slow."""

import time

import pytest

from watchkeeper.detection.sigma.condition import Regex
from watchkeeper.detection.sigma.regex import is_bounded, search


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
