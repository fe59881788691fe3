"""The bundle is what the reference validator wants, the same case gives the same bytes, and a log can say what it likes."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stix2validator import ValidationOptions, validate_instance

from watchkeeper.model.incident import Case
from watchkeeper.model.indicator import Tlp
from watchkeeper.model.language import LANGUAGES, Language
from watchkeeper.reporting.stix_bundle import Telling, stix_bundle
from watchkeeper.stix.objects import MARKINGS


def written(case: Case, telling: Telling) -> dict[str, Any]:
    return json.loads(json.dumps(stix_bundle(case, case.incidents, telling)))


def complaints(told: dict[str, Any]) -> list[str]:
    """Give what the reference validator says: all but that ids might be random, where the standard allows both."""
    result = validate_instance(told, ValidationOptions(version="2.1", disabled="uuid-check"))
    return [str(one) for one in (*result.errors, *result.warnings)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_reference_validator_has_nothing_to_say(case: Case, hostile_case: Case, language: Language) -> None:
    for one in (case, hostile_case):
        told = written(one, Telling("Example Ltd", "amber+strict", language))
        assert complaints(told) == []
        assert told == written(one, Telling("Example Ltd", "amber+strict", language))


@settings(max_examples=10)
@given(st.text(max_size=20))
def test_any_text_in_any_field_is_valid(filled: Callable[[str], Case], text: str) -> None:
    assert complaints(written(filled(text), Telling())) == []


def test_everything_that_is_referred_to_is_there(case: Case) -> None:
    told = written(case, Telling())
    ids = {one["id"] for one in told["objects"]}
    assert len(ids) == len(told["objects"])
    for one in told["objects"]:
        refs = [value for name, value in one.items() if name.endswith("_ref")]
        refs += [value for name, values in one.items() if name.endswith("_refs") for value in values]
        assert [ref for ref in refs if ref not in ids] == []
    reports = [one for one in told["objects"] if one["type"] == "report"]
    assert len(reports) == len([one for one in told["objects"] if one["type"] == "incident"]) == len(case.incidents)


@pytest.mark.parametrize("level", ["clear", "amber", "red"])
def test_every_object_is_marked(case: Case, level: Tlp) -> None:
    for one in written(case, Telling(tlp=level))["objects"]:
        mark = [MARKINGS[ref] for ref in one.get("object_marking_refs", ())]
        unmarked = one["type"] == "marking-definition" or one.get("name") == "Watchkeeper"
        assert mark == ([] if unmarked else [level]), one


def test_watch_items_are_indicators_with_what_they_rest_on_and_techniques_are_sighted(case: Case) -> None:
    objects = written(case, Telling())["objects"]
    incident = case.incidents[0]
    assert incident.watchlist
    assert incident.trace
    indicators = {one["name"]: one for one in objects if one["type"] == "indicator"}
    assert indicators["203.0.113.77"]["pattern"] == "[ipv4-addr:value = '203.0.113.77']"
    sighted = {one["sighting_of_ref"]: one for one in objects if one["type"] == "sighting"}
    item = next(item for item in incident.watchlist.items if item.entity.value == "203.0.113.77")
    assert sighted[indicators["203.0.113.77"]["id"]]["count"] == item.sightings
    patterns = {one["external_references"][0]["external_id"]: one["id"] for one in objects if one["type"] == "attack-pattern"}
    tagged = {key for edge in incident.trace.edges for key in edge.techniques}
    assert tagged
    assert any(patterns.get(key) in sighted for key in tagged)
    assert all(one["labels"] == ["synthetic"] for one in objects if one["type"] in {"incident", "report"} and one["name"] == incident.title)


def test_what_cannot_be_told_is_counted(case: Case) -> None:
    incident = case.incidents[0]
    assert incident.trace
    nodes = tuple(node.model_copy(update={"kind": "service"}) for node in incident.trace.nodes)
    mute = incident.model_copy(update={"trace": incident.trace.model_copy(update={"nodes": nodes})})
    report = stix_bundle(case, [mute], Telling())["objects"][-1]
    assert f"only told here: {len(incident.trace.edges)}" in report["description"]
