"""Dotted names and the text of values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.ingest.flatten import MAX_FIELDS, MAX_NAME_CHARS, flatten


def test_leaves_get_dotted_names_and_values_are_text() -> None:
    assert flatten({"a": 1, "b": {"c": True, "d": {"e": "x"}}, "f": None, "g": [1, "y", False, None], "h": [], "i": {}}) == {
        "a": "1", "b.c": "true", "b.d.e": "x", "g": ["1", "y", "false"], "h": [],
    }  # fmt: skip


def test_an_array_of_objects_gives_each_path_its_values() -> None:
    assert flatten({"a": [{"b": 1, "c": {"d": 2}}, {"b": [3, 4]}, 5, [6]]}) == {"a.b": ["1", "3", "4"], "a.c.d": ["2"], "a": ["5", "6"]}


def test_depth_and_width_are_bounded() -> None:
    deep: object = "x"
    for _ in range(500):
        deep = {"a": deep}
    [(name, value)] = flatten({"a": deep}).items()
    assert name.count(".") < 30
    assert isinstance(value, str)
    assert value.startswith("{")
    with pytest.raises(ValueError, match="more than"):
        flatten({str(number): 1 for number in range(MAX_FIELDS + 1)})
    with pytest.raises(ValueError, match="more than"):
        flatten({"a": {str(number): {"b": 1} for number in range(MAX_FIELDS + 1)}})
    with pytest.raises(ValueError, match="more than"):
        flatten({"a": [{str(number): 1} for number in range(MAX_FIELDS + 1)]})


def test_a_long_name_is_not_repeated_in_each_leaf() -> None:
    long = "k" * (MAX_NAME_CHARS + 1)
    inner = {"a": 1, "b": {"c": 2}}
    assert flatten({long: inner, "x": [{long: inner}, {long[2:]: inner}]}) == {
        long: '{"a":1,"b":{"c":2}}',
        f"x.{long}": ['{"a":1,"b":{"c":2}}'],
        f"x.{long[2:]}": ['{"a":1,"b":{"c":2}}'],
    }
    assert list(flatten({long[:-1]: inner})) == [f"{long[:-1]}.a", f"{long[:-1]}.b"]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=30,
)


@given(st.dictionaries(st.text(max_size=4), _JSON, max_size=4))
def test_every_value_is_text_or_a_list_of_text(record: dict[str, object]) -> None:
    for value in flatten(record).values():
        assert isinstance(value, str) or (isinstance(value, list) and all(isinstance(item, str) for item in value))
