"""Ranges come out of the one sentence that is written by a program, and out of no other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.assets.vulnerabilities.prose import ranges_for


@pytest.mark.parametrize(
    ("said", "ranges"),
    [
        ("from n/a through 2.0.79.", ["up to 2.0.79"]),
        ("from 1.0.0 through 1.1.3.", ["from 1.0.0 up to 1.1.3"]),
        ("before 8.8.5-04.", ["before 8.8.5-04"]),
        ("from 1.2 before 1.2.7; from 1.3 before 1.3.1.", ["from 1.2 before 1.2.7", "from 1.3 before 1.3.1"]),
        ("0.1.0.", ["0.1.0"]),
        ("1.0, 1.1.", ["1.0", "1.1"]),
        ("through 3. Upgrade to 4.", ["up to 3"]),
        ("all versions.", []),
        ("from 11 build through 11 build 106404.", []),
        ("before 2.0, and the preview.", []),
    ],
)
def test_the_sentence_is_read_whole_or_not_at_all(said: str, ranges: list[str]) -> None:
    assert [str(one) for one in ranges_for(f"Bad things. This issue affects Gate: {said}", "gate")] == ranges


def test_each_of_several_products_has_its_own_ranges() -> None:
    said = "This issue affects Gate: from 1.0 through 1.4, from 2.0 before 2.2; Gate: Lite: through 3.1; Gate (Old): 7."
    assert [str(one) for one in ranges_for(said, "Gate")] == ["from 1.0 up to 1.4", "from 2.0 before 2.2"]
    assert [str(one) for one in ranges_for(said, "gate: lite")] == ["up to 3.1"]
    assert [str(one) for one in ranges_for(said, "Gate (Old)")] == ["7"]
    assert ranges_for(said, "Lite") == ()
    assert ranges_for("This issue affects Door Inc. Gate: before 2.", "Door Inc. Gate") == ranges_for(
        "This issue affects A: before 2.", "A"
    )


def test_another_product_or_sentence_says_nothing() -> None:
    assert ranges_for("This issue affects Wall: before 2.0.", "Gate") == ()
    assert ranges_for("Gate before 2.0 is vulnerable.", "Gate") == ()


@given(st.text(max_size=300))
def test_any_text_is_read_or_not(text: str) -> None:
    for one in ranges_for(f"This issue affects Gate: {text}", "Gate"):
        assert one.high
    ranges_for(f"This issue affects {text}: before 2.", text)
