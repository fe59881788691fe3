"""Findings are what the published schema wants, with the kept events that stand for them."""

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

from watchkeeper.model.event import Event
from watchkeeper.model.incident import Case
from watchkeeper.model.logsource import LogSource
from watchkeeper.model.query import Query
from watchkeeper.reporting.ocsf_findings import MOST_CHARS, MOST_FINDINGS, ocsf_findings
from watchkeeper.schema.classes import version


@cache
def validator(class_uid: int) -> Draft202012Validator:
    schema = OcsfJsonSchemaEmbedded(get_ocsf_schema(version=version()))
    name = schema.lookup_class_name_from_uid(class_uid=class_uid)
    profiles = ["incident"] if class_uid == 2004 else []
    return Draft202012Validator(schema.get_class_schema(class_name=name, profiles=profiles))


def faults(findings: list[dict[str, Any]]) -> list[str]:
    return [f"{error.json_path}: {error.message}" for one in findings for error in validator(one["class_uid"]).iter_errors(one)]


def written(case: Case, *, events: bool = True) -> list[dict[str, Any]]:
    search = found if events else None
    return [json.loads(json.dumps(one)) for one in ocsf_findings(case, case.incidents, "en", search)]


def found(query: Query) -> Iterator[Event]:
    for row, key in enumerate(query.ids):
        yield Event(
            id=key, time=None, host="ws07", source="ws07.evtx", row=row, logsource=LogSource(product="windows"),
            fields={"Image": "a.exe", "User": ("a", "b"), "Script": "x" * 100_000, "Last": "y"},
        )  # fmt: skip


def test_the_published_schema_is_kept(case: Case, hostile_case: Case) -> None:
    for one in (case, hostile_case):
        assert faults(written(one)) == []
        assert faults(written(one, events=False)) == []


@settings(max_examples=10)
@given(st.text(max_size=20))
def test_it_is_kept_whatever_a_log_says(filled: Callable[[str], Case], text: str) -> None:
    assert faults(written(filled(text))) == []


def test_an_incident_is_followed_by_its_folds(case: Case) -> None:
    findings = written(case)
    assert [one["class_uid"] for one in findings] == [number for one in case.incidents for number in (2005, *[2004] * len(one.folds))]
    first = findings[0]
    assert first["metadata"]["uid"] == case.incidents[0].id
    assert [info["uid"] for info in first["finding_info_list"]] == [fold.id for fold in case.incidents[0].folds]
    assert (first["type_uid"], first["verdict_id"], first["metadata"]["labels"]) == (200501, 2, ["synthetic"])


def test_the_events_of_a_fold_are_told_and_bounded(case: Case) -> None:
    evidence = next(one for one in written(case) if one["class_uid"] == 2004)["evidences"][0]
    assert evidence["data"]["fields"] == {"Image": "a.exe", "User": ["a", "b"]}
    assert evidence["data"]["fields_left_out"] == 2
    assert evidence["name"] == "ws07.evtx #0"
    assert len(json.dumps(evidence)) < 2 * MOST_CHARS


def test_folds_that_are_not_told_are_counted(case: Case) -> None:
    incident = case.incidents[0]
    many = incident.model_copy(update={"folds": incident.folds[:1] * (MOST_FINDINGS + 7)})
    assert next(ocsf_findings(case, [many], "en"))["unmapped"]["findings_left_out"] == 7
