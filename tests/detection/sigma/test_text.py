"""Texts with wildcards: tidy parts, shapes, and matching that cannot be made slow."""

import time

import pytest

from watchkeeper.detection.sigma.condition import Wild
from watchkeeper.detection.sigma.text import fold, glob, shape, text


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([], ("equals", "")),
        (["A"], ("equals", "a")),
        (["a", "b", Wild.MANY], ("starts", "ab")),
        ([Wild.MANY, Wild.MANY, "a"], ("ends", "a")),
        ([Wild.MANY, "a", "", Wild.MANY], ("contains", "a")),
        ([Wild.MANY, "", Wild.MANY], ("any", "")),
        (["a", Wild.ONE], ("glob", "")),
    ],
)
def test_the_shape_of_a_text(parts: list[str | Wild], expected: tuple[str, str]) -> None:
    assert shape(text(parts)) == expected


def test_cased_texts_keep_their_letters() -> None:
    assert shape(text(["Ab"], cased=True)) == ("equals", "Ab")


def test_folding_a_part_finds_it_in_the_folded_whole() -> None:
    assert fold("ΟΔΟΣ") in fold("ΟΔΟΣΑ")


def test_many_stars_do_not_make_a_long_value_slow() -> None:
    matches = glob(text([part for _ in range(12) for part in (Wild.MANY, "a", Wild.ONE)] + ["b"]))
    before = time.process_time()
    assert not matches("a" * 100_000)
    assert time.process_time() - before < 1
