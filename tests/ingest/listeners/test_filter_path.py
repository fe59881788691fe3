import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.ingest.listeners.filter_path import FilterPath

WHOLE = {"a": {"b": {"c": 1, "d": 2}}, "list": [{"x": {"e": 1}}, {"y": {"f": 2}}], "version": {"number": "8"}}


@pytest.mark.parametrize(
    ("wanted", "left"),
    [
        ("", WHOLE),
        ("a.b.c", {"a": {"b": {"c": 1}}}),
        ("a", {"a": WHOLE["a"]}),
        ("a.*.d,version.number", {"a": {"b": {"d": 2}}, "version": {"number": "8"}}),
        ("list.*.e", {"list": [{"x": {"e": 1}}]}),
        ("**.f", {"list": [{"y": {"f": 2}}]}),
        ("ver*", {"version": {"number": "8"}}),
        ("-a,-list", {"version": {"number": "8"}}),
        ("a,-a.b.c", {"a": {"b": {"d": 2}}}),
        ("-list.x", {**WHOLE, "list": [{}, {"y": {"f": 2}}]}),
        ("nothing", {}),
    ],
)
def test_what_is_left_of_an_answer(wanted: str, left: object) -> None:
    assert FilterPath(wanted).apply(WHOLE) == left


@given(st.text(alphabet="a.*b-,", max_size=40))
def test_any_pattern_takes_away_and_never_adds(text: str) -> None:
    assert set(FilterPath(text).apply(WHOLE)) <= set(WHOLE)


def test_patterns_are_bounded() -> None:
    assert FilterPath(",".join(["**.**.**.**"] * 10_000)).apply(WHOLE)
