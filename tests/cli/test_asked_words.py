"""Every test a rule can make has its words."""

import pytest

from watchkeeper.cli.asked_words import in_words
from watchkeeper.detection.sigma.condition import Network, Null, Number, Present, Regex, SameAs, Test, Text, TimePart, Wild


@pytest.mark.parametrize(
    ("test", "words"),
    [
        (Text(("evil",)), "is 'evil'"),
        (Text(("evil", Wild.MANY)), "starts with 'evil'"),
        (Text((Wild.MANY, "Evil"), cased=True), "ends with 'Evil', case matters"),
        (Text((Wild.MANY, "C:\\x", Wild.MANY)), "contains 'C:\\x'"),
        (Text(("a", Wild.ONE, "b", Wild.MANY)), "looks like 'a?b*'"),
        (Text(()), "is empty"),
        (Text((Wild.MANY,)), "has any value"),
        (Regex("a+", "im"), "matches /a+/im"),
        (Network("10.0.0.0/8"), "is an address in 10.0.0.0/8"),
        (Number("ge", 5), "is at least the number 5"),
        (TimePart("hour", "lt", 6), "is a time whose hour is less than 6"),
        (SameAs("Image"), "is the same as what Image is"),
        (SameAs("Image", starts=True, ends=True, cased=True), "contains what Image is, case matters"),
        (Null(), "has no value"),
        (Present(), "is there"),
        (Present(expected=False), "is not there"),
    ],
)
def test_words(test: Test, words: str) -> None:
    assert in_words(test) == words
