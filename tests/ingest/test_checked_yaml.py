"""YAML with its mistakes told by line."""

import msgspec
import pytest

from watchkeeper.ingest.checked_yaml import Shape, checked_yaml


class _Inner(msgspec.Struct, forbid_unknown_fields=True):
    word: str = ""
    on: bool = False


class _Outer(msgspec.Struct, forbid_unknown_fields=True):
    items: list[_Inner]


def _no_bad_word(outer: _Outer) -> None:
    for at, item in enumerate(outer.items):
        if item.word == "bad":
            raise ValueError(f"a bad word - at `$.items[{at}].word`")


def _read(text: str) -> _Outer:
    return checked_yaml(text, "file 'a.yml'", _Outer, _no_bad_word, Shape("an outer", (_Outer, _Inner), "see the manual"))


def test_scalars_are_text_where_text_is_asked_for() -> None:
    assert _read("items: [{word: No, on: true}, {word: 1}]").items == [_Inner("No", on=True), _Inner("1")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("items:\n- word: x\n- wort: y\n", "file 'a.yml', line 3: 'wort' is not a key of an outer; did you mean 'word'?"),
        ("items:\n- word: x\n- zzzzzz: y\n", "line 3: 'zzzzzz' is not a key of an outer; see the manual"),
        ("items:\n- word: x\n- {on: false,\n   word: bad}\n", "line 4: a bad word"),
        ("items:\n- word: [x]\n", "line 2: Expected `str`, got `array`"),
        ("items: [\n", "line 2: not YAML"),
        ("\0", "file 'a.yml': not YAML"),
        ("items: " + "[" * 30 + "]" * 30, "nested deeper"),
    ],
)
def test_a_mistake_is_told_by_line_and_key(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=r"a\.yml") as caught:
        _read(text)
    assert message in str(caught.value)
