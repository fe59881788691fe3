"""The flow has the shapes that the published extension asks for, and leads nowhere that the graph does not."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from stix2validator import ValidationOptions, validate_instance

from watchkeeper.model.incident import Case
from watchkeeper.reporting.attack_flow import EXTENSION, attack_flow, leads, steps
from watchkeeper.reporting.stix_bundle import Telling

ON = {"type": "array", "minItems": 1, "items": {"pattern": "^(attack-action|attack-operator|attack-condition)--"}}
TEXT = {"type": "string"}
COMMON = {
    name: {}
    for name in ("type", "spec_version", "id", "created", "modified", "created_by_ref", "object_marking_refs", "labels", "extensions")
}
SHAPES: dict[str, tuple[dict[str, object], tuple[str, ...]]] = {
    "attack-flow": (
        {
            "name": TEXT, "description": TEXT,
            "scope": {"enum": ["incident", "campaign", "threat-actor", "malware", "attack-tree", "other"]},
            "start_refs": {"type": "array", "minItems": 1, "items": {"pattern": "^(attack-action|attack-condition)--"}},
        },
        ("name", "start_refs", "scope"),
    ),
    "attack-action": (
        {
            "name": TEXT, "tactic_id": TEXT, "technique_id": TEXT, "technique_ref": {"pattern": "^attack-pattern--"}, "description": TEXT,
            "execution_start": TEXT, "execution_end": TEXT, "command_ref": {"pattern": "^process--"},
            "asset_refs": {"type": "array", "minItems": 1, "items": {"pattern": "^attack-asset--"}}, "effect_refs": ON,
        },
        ("name",),
    ),
    "attack-asset": ({"name": TEXT, "description": TEXT, "object_ref": TEXT}, ("name",)),
    "attack-condition": ({"description": TEXT, "on_true_refs": ON, "on_false_refs": ON}, ("description",)),
    "attack-operator": ({"operator": {"enum": ["AND", "OR"]}, "effect_refs": ON}, ("operator",)),
}  # fmt: skip
"""What the extension's schema 2.0.0 says of each kind: no package holds that schema, so it is written down here from its publication."""


def written(case: Case, telling: Telling | None = None) -> list[dict[str, Any]]:
    return json.loads(json.dumps(attack_flow(case, case.incidents[0], telling or Telling())))["objects"]


def faults(objects: list[dict[str, Any]]) -> list[str]:
    result = validate_instance({"type": "bundle", "id": f"bundle--{'0' * 8}-0000-4000-8000-{'0' * 12}", "objects": objects},
                               ValidationOptions(version="2.1", disabled="uuid-check"))  # fmt: skip
    found = [str(one) for one in (*result.errors, *result.warnings)]
    for one in objects:
        if one["type"] in SHAPES:
            properties, required = SHAPES[one["type"]]
            schema = {"properties": {**COMMON, **properties}, "required": ["extensions", *required], "additionalProperties": False}
            found += [f"{one['id']}: {error.message}" for error in Draft202012Validator(schema).iter_errors(one)]
            found += [] if one.get("extensions") == {EXTENSION: {"extension_type": "new-sdo"}} else [f"{one['id']} names no extension"]
    return found


def test_every_object_has_the_published_shape(case: Case, hostile_case: Case) -> None:
    for one in (case, hostile_case):
        assert faults(written(one)) == []
    assert {one["type"] for one in written(case)} >= {
        "attack-flow",
        "attack-action",
        "attack-asset",
        "attack-condition",
        "extension-definition",
    }
    assert [one["type"] for one in written(case)].count("attack-flow") == 1


@settings(max_examples=10)
@given(st.text(max_size=20))
def test_any_text_in_any_field_has_it_too(filled: Callable[[str], Case], text: str) -> None:
    assert faults(written(filled(text))) == []


def test_every_action_is_reached_from_the_start_and_every_reference_is_there(case: Case) -> None:
    objects = {one["id"]: one for one in written(case)}
    refs = {
        name: [ref for key, values in one.items() if key in {"start_refs", "effect_refs", "on_true_refs"} for ref in values]
        for name, one in objects.items()
    }
    waiting = [name for name in objects if name.startswith("attack-flow--")]
    seen = set(waiting)
    while waiting:
        for after in refs[waiting.pop()]:
            assert after in objects
            waiting += [] if after in seen else [after]
            seen.add(after)
    assert {name for name in objects if re.match("attack-(action|operator|condition)--", name)} <= seen


def test_a_step_leads_to_another_only_where_the_graph_does_and_in_time(case: Case) -> None:
    incident = case.incidents[0]
    found = steps(incident, "en")
    assert incident.trace
    chain = leads(found, incident.trace)
    assert all(first < second for first, second in chain)
    assert leads(found, incident.trace.model_copy(update={"edges": ()})) == ()
    assert leads(found, None) == ()


def test_several_ways_into_a_step_are_joined(case: Case) -> None:
    incident = case.incidents[0]
    assert incident.trace
    first, *_ = incident.trace.edges
    ids = [node.id for node in incident.trace.nodes[:4]]
    ends = [(ids[0], ids[2]), (ids[1], ids[2]), (ids[2], ids[3])]
    edges = tuple(first.model_copy(update={"source": a, "target": b, "evidence": (f"ev{at}",)}) for at, (a, b) in enumerate(ends))
    told = next(claim for claim in incident.trace.story if claim.techniques)
    item = told.evidence[0]
    story = tuple(
        told.model_copy(update={"techniques": (key,), "evidence": (item.model_copy(update={"event_id": f"ev{at}"}),)})
        for at, key in enumerate(("T1110", "T1190", "T1486"))
    )
    trace = incident.trace.model_copy(update={"edges": edges, "story": story})
    objects = written(case.model_copy(update={"incidents": (incident.model_copy(update={"trace": trace}),)}))
    (join,) = [one for one in objects if one["type"] == "attack-operator"]
    actions = {one["technique_id"]: one for one in objects if one["type"] == "attack-action"}
    assert join["effect_refs"] == [actions["T1486"]["id"]]
    assert [actions[key]["effect_refs"] for key in ("T1110", "T1190")] == [[join["id"]]] * 2


def test_an_incident_without_a_step_says_so(case: Case) -> None:
    bare = case.incidents[2].model_copy(update={"folds": (), "trace": None})
    with pytest.raises(ValueError, match="no technique or tactic"):
        attack_flow(case, bare, Telling())
