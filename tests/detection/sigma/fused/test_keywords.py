"""The search for keywords: it may find too much, never too little."""

import json

import numpy as np
import pytest

from watchkeeper.detection.sigma.condition import Regex, Wild
from watchkeeper.detection.sigma.fused.keywords import EVERY, Search, keyword
from watchkeeper.detection.sigma.text import text


def _found(search: Search, data: bytes) -> set[int]:
    return set(search.found(np.frombuffer(data, np.uint8))[0].tolist())


@pytest.mark.parametrize("wanted", ["mimikatz", 'a"b', "a\\b", "<script>", "tab\there", "path/to", "x&y'z"])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_a_text_is_found_however_json_writes_it(wanted: str, *, ascii_only: bool) -> None:
    search = Search([wanted], escaped=True)
    written = json.dumps({"F": f"x{wanted.upper()}y"}, ensure_ascii=ascii_only)
    assert 1 in _found(search, written.encode())
    for letter in "<>&'/":
        written = written.replace(letter, f"\\u{ord(letter):04X}")
    assert 1 in _found(search, written.encode())


@pytest.mark.parametrize("hidden", ["mi\\u006dikatz", "MIMI\\u004bATZ", "mimi\\u212Aatz", "m\u0130mikatz", "mimi\u212aatz"])
def test_letters_that_hide_count_as_every_text(hidden: str) -> None:
    assert EVERY in _found(Search(["mimikatz"], escaped=True), hidden.encode())


def test_nothing_is_found_where_nothing_stands() -> None:
    assert _found(Search(["mimikatz"], escaped=True), b'{"F":"\\u003cb\\u003e C:\\\\Windows \xe4\xb8\xad"}') == set()


def test_a_very_long_text_is_searched_by_its_beginning() -> None:
    wanted = keyword(text((Wild.MANY, "ab" * 5_000, Wild.MANY)))
    assert wanted is not None
    assert _found(Search([wanted], escaped=True), b"ab" * 5_000) == {1}


def test_what_cannot_be_searched_says_so() -> None:
    assert keyword(Regex("a")) is None
    assert keyword(text(("中文", Wild.ONE))) is None
    assert keyword(text((Wild.MANY, "中文abc", Wild.MANY))) == "abc"
