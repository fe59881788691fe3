"""Automata: what they say is what the reference says, and there is none where that is not sure."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.detection.sigma.condition import Regex, Wild
from watchkeeper.detection.sigma.fused import automata, matching
from watchkeeper.detection.sigma.reference import matcher
from watchkeeper.detection.sigma.text import text

PATTERNS = (
    r"ab", r"^ab", r"ab$", r"^ab$", r"\Aab\z", r"a+b", r"a*b", r"a?b", r"(a|bA)+ ", r"(?:a|b){2,3}\s", r"[^a]b", r"a.b", r"[aA]{2}",
    r"(?i)[^A]b",    r"\d\w\W\S\D", r"a{0}b", r"(a?b?)\n", r"[\s\d]\\", r"\x41", r"a{2,}", r"[a-cB]\.", r"a??b+?",
)  # fmt: skip


def _holds(test: object, values: list[str]) -> list[bool]:
    encoded = [value.encode() for value in values]
    sizes = np.array([len(one) for one in encoded])
    matchers = matching.Matchers()
    matchers.add([test])  # type: ignore[list-item] - any test of a value
    rows = np.stack([0 * sizes, np.cumsum(sizes) - sizes, sizes, 0 * sizes], 1)
    offsets, _, _ = matchers.match(np.frombuffer(b"".join(encoded) + bytes(64), np.uint8), rows)
    assert matchers.asked == 0
    return (np.diff(offsets) > 0).tolist()


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("flags", ["", "i", "m", "s", "is"])
def test_every_short_value_gives_what_re2_gives(pattern: str, flags: str) -> None:
    regex = Regex(pattern, flags)
    if automata.of_regex(regex) is None:
        assert "m" in flags
        return
    values = ["".join(one) for size in range(5) for one in product("abA\n 5\\.", repeat=size)]
    assert _holds(regex, values) == [matcher(regex)[0](value) for value in values]


@given(st.lists(st.sampled_from([*Wild, "a", "b", "ab", "\n"]), min_size=1, max_size=6), st.booleans())
def test_texts_with_wildcards_give_what_the_reference_gives(parts: list[str | Wild], cased: bool) -> None:
    test = text(parts, cased=cased)
    if automata.of_text(test) is None:
        return
    values = ["".join(one) for size in range(6) for one in product("abA\n", repeat=size)]
    assert _holds(test, values) == [matcher(test)[0](value if cased else value.lower()) for value in values]


UNSURE = ("a" * 65, ".{1000,}", r"\ba", "(?=a)b", "(a|^b)", "a*", "[[:alpha:]]", r"(a)\1", "a{,3}b", "(?i)ſ", "(?i:a)b", r"\pL")


@pytest.mark.parametrize("pattern", UNSURE)
def test_there_is_none_where_it_is_not_sure(pattern: str) -> None:
    assert automata.of_regex(Regex(pattern)) is None
