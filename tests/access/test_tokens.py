"""Secrets say what they are, are never the same, and cannot be had back from what is kept of them."""

import hashlib

import pytest

from watchkeeper.access.tokens import digest, looks_like, new_id, new_secret


def test_a_secret_has_256_random_bits_and_says_what_it_is() -> None:
    made = {new_secret("wka") for _ in range(100)}
    assert len(made) == 100
    assert all(looks_like("wka", one) and not looks_like("wks", one) for one in made)
    assert digest("wka_x") == hashlib.sha256(b"wka_x").hexdigest()
    assert len(new_id()) == 16


@pytest.mark.parametrize(
    "text", ["", "wka_", "wka_" + "x" * 42, "wka_" + "x" * 44, "wka_" + "é" * 43, "wka_" + "x" * 42 + "\n", "wkb_" + "x" * 43]
)
def test_what_only_resembles_a_secret_is_none(text: str) -> None:
    assert not looks_like("wka", text)


def test_a_text_that_is_no_unicode_has_a_digest_too() -> None:
    assert len(digest("\udcff")) == 64
