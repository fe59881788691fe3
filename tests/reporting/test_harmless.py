"""Nothing that hides, reorders or controls reaches a reader."""

import json
import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.reporting.harmless import LIMIT, harmless, numbered, shown


def test_what_hides_is_shown() -> None:
    assert harmless("a\x00b\x1b[31m\u202egnp\u200b\x7f") == "a␀b␛[31m\\u202egnp\\u200b␡"
    assert harmless("line\r\nline\t") == "line␍␊line␉"
    assert harmless("\u2028\u00a0\u00ad") == "\\u2028\\u00a0\\u00ad"


def test_json_hides_nothing_and_says_the_same() -> None:
    value = ["a\x1b[31m\u202egnp\u200b\x7f\x9b\U000e0041", "财务　C:\\x", "é\u2028"]
    text = json.dumps(value, indent=1, ensure_ascii=False)
    assert json.loads(numbered(text)) == value
    assert not re.search("[\x1b\u202e\u200b\x7f\x9b\U000e0041\u2028]", numbered(text))
    assert "财务　" in numbered(text)


def test_ordinary_text_of_every_script_stays() -> None:
    text = "C:\\Users\\müller\\财务（终稿）.xlsx ☃ привет"
    assert harmless(text) == text


def test_stacked_marks_are_cut() -> None:
    assert harmless("a" + "\u0301" * 50) == "a" + "\u0301" * 3


def test_long_values_keep_both_ends_and_say_what_is_missing() -> None:
    text = shown("a" * 5_000 + "END")
    assert text.startswith("aaa")
    assert text.endswith("END")
    assert f"+{5_003 - LIMIT}" in text
    assert len(text) < LIMIT + 40


@given(st.text())
def test_no_hidden_character_is_left(text: str) -> None:
    assert all(unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} for character in harmless(text))
