"""Pictures are well-formed whatever is written into them, and labels fit."""

import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.reporting.harmless import harmless
from watchkeeper.reporting.svg import finished, fitted, number, picture, put, text_width


@given(st.text(), st.text())
def test_any_text_is_escaped(title: str, label: str) -> None:
    root = picture(10, 10, harmless(title), "d", "p")
    put(root, "text", harmless(label), x=1, class_=harmless(label))
    read = ET.fromstring(str(finished(root)))  # noqa: S314 - our own text
    assert (read.find("text") or read[2]).text in {harmless(label), None}
    assert {child.tag for child in read} == {"title", "desc", "text"}


def test_labels_are_cut_to_fit_and_paths_keep_their_end() -> None:
    assert fitted("short", 200, 12) == "short"
    assert fitted("a" * 200, 100, 12).endswith("…")
    assert fitted("C:\\Users\\somebody\\AppData\\Local\\Temp\\evil.exe", 100, 12).endswith("evil.exe")
    for text in ("W" * 80, "财" * 80, "/" * 80):
        assert text_width(fitted(text, 100, 12), 12) <= 100
    assert text_width("财务", 12) > text_width("ab", 12)


def test_numbers_are_short() -> None:
    assert (number(3.0), number(3.14159), number(-0.04)) == ("3", "3.1", "-0")
