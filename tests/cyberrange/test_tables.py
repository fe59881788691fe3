from random import Random

import pytest

from watchkeeper.content import folder
from watchkeeper.cyberrange.tables import entries, fill, words


def test_a_place_is_drawn_once_and_remembered() -> None:
    known = {"user": "anna"}
    first = fill("<user>/<word>/<word>/<word2>", known, Random(3))
    user, one, again, other = first.split("/")
    assert (user, one) == ("anna", again)
    assert known["word"] == one
    assert known["word2"] == other
    assert fill("<word>", known, Random(9)) == one


def test_a_place_nobody_knows_is_an_error() -> None:
    with pytest.raises(KeyError):
        fill("<nobody>", {}, Random(1))


def test_text_without_places_draws_nothing() -> None:
    rng = Random(1)
    before = rng.getstate()
    assert fill("dir C:\\", {}, rng) == "dir C:\\"
    assert rng.getstate() == before


def test_tables_are_read_from_the_content() -> None:
    assert (folder("range") / "names.yml").is_file()
    assert len(words("names", "last")) >= 60
    assert all("technique" in way for way in entries("attack", "discovery"))
