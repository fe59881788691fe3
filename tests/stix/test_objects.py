"""Ids follow from what is told, heads are in order, and the reference validator has nothing to say."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from stix2validator import ValidationOptions, validate_instance

from watchkeeper.model.indicator import Tlp
from watchkeeper.stix.objects import MARKINGS, Author, bundle, identity, marking

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
LEVELS: list[Tlp] = [level for level in get_args(Tlp) if level]


def test_the_same_key_gives_the_same_id_and_another_author_another() -> None:
    ours, theirs = (Author(identity(name, "organization", name, NOW)["id"], NOW, NOW) for name in ("A", "B"))
    assert ours.object("report", ("i",)) == ours.object("report", ("i",))
    assert len({who.object(kind, (key,))["id"] for who in (ours, theirs) for kind in ("report", "incident") for key in "ij"}) == 8


def test_nothing_is_modified_before_it_was_made_and_what_has_no_value_is_left_out() -> None:
    said = Author("identity--x", NOW, NOW - timedelta(days=1), "green", ("synthetic",)).object(
        "report", ("i",), name="n", empty="", none=None
    )
    assert said["modified"] == said["created"] == "2026-06-01T12:00:00.000Z"
    assert (said["name"], said["labels"], said.keys() & {"empty", "none"}) == ("n", ["synthetic"], set())


@pytest.mark.parametrize("level", LEVELS)
def test_markings_are_those_that_the_standard_defines(level: Tlp) -> None:
    who = identity("A", "organization", "A", NOW)
    told = bundle(("a",), [who, marking(level), Author(who["id"], NOW, NOW, level).object("incident", ("i",), name="x")])
    assert MARKINGS[told["objects"][1]["id"]] == level
    assert told["objects"][2]["object_marking_refs"] == [told["objects"][1]["id"]]
    assert validate_instance(told, ValidationOptions(version="2.1")).is_valid


def test_of_objects_with_one_id_the_last_stays() -> None:
    assert bundle(("k",), [{"id": "a", "n": 1}, {"id": "b"}, {"id": "a", "n": 2}])["objects"] == [{"id": "a", "n": 2}, {"id": "b"}]
