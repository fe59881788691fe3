"""A link says what was signed, until its time, and nothing that was changed is believed."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from watchkeeper.access.links import LONGEST, ApprovalLink, read, signed

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
KEY = b"k" * 32
LINK = ApprovalLink(tenant="acme", proposal="a" * 32, digest="b" * 64, login="ann", until=NOW + timedelta(hours=1))


def test_a_link_says_what_was_signed() -> None:
    text = signed(LINK, KEY)
    assert read(text, KEY, NOW) == LINK
    assert len(text) <= LONGEST
    assert text.replace("-", "").replace("_", "").isalnum()


def test_the_longest_names_fit() -> None:
    longest = LINK.model_copy(update={"tenant": "t" * 63, "login": "l" * 64})
    assert read(signed(longest, KEY), KEY, NOW) == longest


def test_another_key_and_a_time_that_is_up_are_refused() -> None:
    with pytest.raises(ValueError, match="no link of ours"):
        read(signed(LINK, KEY), b"x" * 32, NOW)
    with pytest.raises(ValueError, match="time is up"):
        read(signed(LINK, KEY), KEY, LINK.until)


@pytest.mark.parametrize("text", ["", "=", "a", "🙂", "A" * 10_000, "../..", "a b"])
def test_what_is_no_link_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no link of ours"):
        read(text, KEY, NOW)


@given(place=some.integers(0, 200), letter=some.sampled_from("abcXYZ019-_"))
def test_no_letter_can_be_changed(place: int, letter: str) -> None:
    text = signed(LINK, KEY)
    changed = text[: place % len(text)] + letter + text[place % len(text) + 1 :]
    if changed == text:
        return
    try:
        found = read(changed, KEY, NOW)
    except ValueError:
        return
    assert found == LINK, "the last letter may hold bits that say nothing; what is said stays the same"
