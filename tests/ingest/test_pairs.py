"""Cutting text into named values."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.ingest.pairs import cef, leef, pairs


@pytest.mark.parametrize(
    ("separator", "equals", "text", "expected"),
    [
        (" ", "=", 'a=1 b="two words" c= d="say \\"hi\\"" flag e=x=y', {"a": "1", "b": "two words", "c": "", "d": 'say "hi"', "e": "x=y"}),
        (",", "=", 'a = 1, long name="x, y",c=z w', {"a": "1", "long name": "x, y", "c": "z w"}),
        (",", ":", "SrcIP: 192.0.2.1, URL: https://example.org/a", {"SrcIP": "192.0.2.1", "URL": "https://example.org/a"}),
        ("|", "=", "a=1|b=2|a=3", {"a": ["1", "3"], "b": "2"}),
        (";", ":", "user:admin; src:192.0.2.1; ", {"user": "admin", "src": "192.0.2.1"}),
        (" ", "=", "a='x y' =b ==", {"a": "'x"}),
    ],
)
def test_pairs(separator: str, equals: str, text: str, expected: dict[str, object]) -> None:
    assert pairs(separator, equals, until_key=False)(text) == expected


def test_values_may_go_on_until_the_next_key() -> None:
    cut = pairs(" ", "=", until_key=True)
    assert cut('msg=hello there act=block q="a b=c" end=x ') == {"msg": "hello there", "act": "block", "q": "a b=c", "end": "x"}
    assert pairs(",", ":", until_key=True)("a: one, two, b: three") == {"a": "one, two", "b": "three"}


def test_cef_unescapes_and_keeps_blanks() -> None:
    found = cef(r"x CEF:0|V|P|1|9|a \| b|5|msg=one two\=three path=C:\\x note=l1\nl2 act=")
    assert found["name"] == "a | b"
    assert (found["msg"], found["path"], found["note"], found["act"]) == ("one two=three", "C:\\x", "l1\nl2", "")
    assert cef("CEF:0|V|P|1") == {}


@pytest.mark.parametrize(
    "text",
    [
        "LEEF:1.0|V|P|1|9|a=1 x\tb=2",
        "LEEF:2.0|V|P|1|9|^|a=1 x^b=2",
        "LEEF:2.0|V|P|1|9|x5E|a=1 x^b=2",
        "LEEF:2.0|V|P|1|9|0x5e|a=1 x^b=2",
        "LEEF:1.0|V|P|1|9|a=1 x b=2",
    ],
)
def test_leef_knows_its_delimiters(text: str) -> None:
    found = leef(text)
    assert (found["EventID"], found["a"], found["b"]) == ("9", "1 x", "2")
    assert leef("LEEF:3.0|a") == {}


@given(text=st.text() | st.from_regex(r'([a-c]{1,3}[=:|"\\, ]{1,3}){0,30}', fullmatch=True), until_key=st.booleans())
def test_no_text_breaks_them(text: str, until_key: bool) -> None:
    for separator, equals in ((" ", "="), (",", ":"), ("|", "=")):
        pairs(separator, equals, until_key=until_key)(text)
    cef(f"CEF:0|{text}")
    leef(f"LEEF:2.0|a|b|c|d|{text}")


@pytest.mark.parametrize("unit", ["a", '"', "a=", 'a="', '="\\', " ", ", ", "\\", "|", "a b=", "a:", '"a='])
def test_a_hostile_line_takes_no_time(unit: str) -> None:
    text = unit * (300_000 // len(unit))
    begun = time.perf_counter()
    for separator, equals in ((" ", "="), (",", ":"), ("|", "=")):
        pairs(separator, equals, until_key=False)(text)
        pairs(separator, equals, until_key=True)(text)
    cef(f"CEF:0|a|b|c|d|e|f|{text}")
    cef(f"CEF:0|{text}")
    leef(f"LEEF:2.0|a|b|c|d|{text}")
    assert time.perf_counter() - begun < 20
