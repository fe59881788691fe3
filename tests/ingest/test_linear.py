"""Patterns in linear time."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.ingest.linear import Pattern, PatternSet


def test_groups_are_named_as_asked_and_left_out_where_they_took_no_part() -> None:
    pattern = Pattern(r"a(?P<x_y>b)?(c)(?P<z>d*)", {"x_y": "x-y"})
    assert pattern.names == ("x-y", "z")
    assert pattern.groups("..abcdd") == {"x-y": "b", "z": "dd"}
    assert pattern.groups("ac") == {"z": ""}
    assert pattern.groups("b") is None


@given(before=st.text(), inside=st.text(alphabet=st.characters(blacklist_characters="[]\n")))
def test_groups_are_the_text_in_any_script(before: str, inside: str) -> None:
    found = Pattern(r"\[\[(?P<inside>[^\[\]]*)\]\]").groups(f"{before.replace('[', '')}[[{inside}]]")
    assert found is not None
    assert found["inside"] == inside.encode(errors="replace").decode()


def test_of_several_that_match_the_first_in_order_is_given() -> None:
    patterns = PatternSet(["b+", "a", "ab"])
    assert [patterns.first(text) for text in ("ab", "a", "bb", "c", "\ud800a")] == [0, 1, 0, -1, 1]


@pytest.mark.parametrize("pattern", ["(", r"(a)\1", "(?=a)"])
def test_what_cannot_run_in_linear_time_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="not a pattern that RE2 understands"):
        Pattern(pattern)
    with pytest.raises(ValueError, match="not a pattern that RE2 understands"):
        PatternSet(["a", pattern])


def test_a_pattern_that_blows_up_elsewhere_takes_no_time_here() -> None:
    begun = time.perf_counter()
    assert Pattern("^(?P<a>a+)+$").groups("a" * 200_000 + "b") is None
    assert time.perf_counter() - begun < 2
