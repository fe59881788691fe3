"""Cutting a message."""

from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.ingest.suggest.tokens import MOST_TOKENS, tokens


def _kinds(text: str) -> list[tuple[str, str]]:
    return [(token.kind, token.text) for token in tokens(text) if token.kind != "space"]


def test_values_of_known_shape_are_whole() -> None:
    assert _kinds("2026-03-02 10:00:00,125 INFO u7 203.0.113.9:22 - x") == [
        ("time", "2026-03-02 10:00:00,125"),
        ("word", "INFO"),
        ("name", "u7"),
        ("address", "203.0.113.9"),
        ("sign", ":"),
        ("number", "22"),
        ("none", "-"),
        ("word", "x"),
    ]
    assert _kinds("https://a.example/x?y a@b.example /etc/passwd") == [
        ("url", "https://a.example/x?y"),
        ("email", "a@b.example"),
        ("path", "/etc/passwd"),
    ]


def test_quotes_and_brackets_are_looked_into_where_they_hold_one_value() -> None:
    assert _kinds('"GET /x HTTP/1.1" "Mozilla 5" [02/Mar/2026:10:00:00 +0000] [a b] "203.0.113.9" [client 203.0.113.9]') == [
        ("request", '"GET /x HTTP/1.1"'),
        ("quoted", '"Mozilla 5"'),
        ("sign", "["),
        ("time", "02/Mar/2026:10:00:00 +0000"),
        ("sign", "]"),
        ("bracketed", "[a b]"),
        ("sign", '"'),
        ("address", "203.0.113.9"),
        ("sign", '"'),
        ("sign", "["),
        ("word", "client"),
        ("address", "203.0.113.9"),
        ("sign", "]"),
    ]


@given(st.text(max_size=300))
def test_nothing_is_lost_and_nothing_breaks_it(text: str) -> None:
    found = tokens(text)
    assert len(found) <= MOST_TOKENS
    assert text.startswith("".join(token.text for token in found))
