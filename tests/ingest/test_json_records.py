"""Records of clouds and services: who knows them, mixed, wrapped and listed, and that Sigma's rules reach them."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from watchkeeper.detection import Detector, load_rules
from watchkeeper.ingest import read
from watchkeeper.ingest.json_records import json_records
from watchkeeper.ingest.reader import HEAD_BYTES, Row, Skipped
from watchkeeper.model.batch import Batch

CASES = Path(__file__).parent.parent / "cases" / "ingest" / "json_records"


def _read(text: bytes) -> list[Row | Skipped]:
    return list(json_records.rows(io.BytesIO(text)))


def _rows(case: str) -> list[Row]:
    return [one for one in _read((CASES / case / "input.json").read_bytes()) if isinstance(one, Row)]


def test_a_file_of_several_products_is_read_whole() -> None:
    assert [(row.logsource.product, row.logsource.service) for row in _rows("mixed")] == [
        ("okta", "okta"), ("github", "audit"), ("kubernetes", "audit"), ("gcp", "gcp.audit"),
        ("aws", "cloudtrail"), ("cisco", "duo"), ("onelogin", "onelogin.events"),
        ("opencanary", "opencanary"), ("ocsf", "DNS Activity"), ("m365", "messagetrace"),
    ]  # fmt: skip


def test_every_event_of_an_activity_is_one_and_its_parameters_have_their_names() -> None:
    first, second, logged, exported = _rows("workspace")
    assert (first.fields["name"], second.fields["name"]) == ("ENFORCE_STRONG_AUTHENTICATION", "ASSIGN_ROLE")
    assert first.fields["actor.email"] == second.fields["actor.email"] == "maria@corp.example"
    assert first.fields["parameters.NEW_VALUE"] == "false"
    assert first.fields["parameters.ORG_UNITS"] == ["a", "b"]
    assert json.loads(second.raw)["name"] == "ASSIGN_ROLE"
    assert logged.fields["protoPayload.metadata.event.parameter.SETTING_NAME"] == "ContextAwareAccess x"
    assert exported.logsource.service == "google_workspace.login"
    assert all(row.time is not None for row in (first, second, logged, exported))


def test_what_is_wrapped_is_read_as_it_was_written() -> None:
    assert [row.logsource.product for row in _rows("wrapped")] == ["aws", "github", "onelogin", "kubernetes", "kubernetes", "windows"]


def test_a_document_longer_than_the_head_is_recognised() -> None:
    event = {"auditID": "1", "stage": "ResponseComplete", "verb": "get", "requestURI": "/api", "user": {"username": "x"}}
    text = json.dumps({"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "items": [event] * 2_000}).encode()
    assert len(text) > HEAD_BYTES
    assert json_records.sniff(text[:HEAD_BYTES])
    assert len(_read(text)) == 2_000


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{}",
        b"[1, 2]",
        b'{"a": 1}\n',
        b'{"eventSource":"iam.amazonaws.com","eventName":"CreateUser","eventTime":"2026-03-02T09:00:00Z"}\n',
        b'{"EventID":1,"Channel":"Security","Computer":"x"}\n{"EventID":2,"Channel":"Security","Computer":"x"}\n',
    ],
)
def test_files_of_one_product_that_another_reader_reads_are_left_to_it(text: bytes) -> None:
    assert not json_records.sniff(text)


@pytest.mark.parametrize(
    "opening", [b'{"a":', b'{"detail":', b'{"items":[', b'{"EventID":1,"Channel":"x","a":[', b'{"win":{"system":{"a":']
)
@pytest.mark.parametrize("depth", [1, 30, 400, *range(880, 980, 7), 5_000])
def test_nesting_of_any_depth_breaks_nothing(opening: bytes, depth: int) -> None:
    closing = bytes({ord("{"): ord("}"), ord("["): ord("]")}[one] for one in reversed(opening) if one in b"{[")
    nested = opening + b"[" * depth + b"]" * depth + closing
    for text in (nested, opening * depth + b"1" + closing * depth):
        json_records.sniff(text)
        _read(text)


def test_rules_for_each_product_fire_on_the_records(data: Path) -> None:
    detector = Detector(load_rules([data / "sigma" / "sigma_all_rules.zip"]))
    batches = [one for one in read([CASES / name for name in ("mixed", "wrapped", "listed", "workspace")]) if isinstance(one, Batch)]
    titles = {title for batch in batches for title in detector.signals(batch).column("title").to_pylist()}
    assert titles >= {
        "Okta User Session Start Via An Anonymising Proxy Service",
        "Github Delete Action Invoked",
        "Container With A hostPath Mount Created",
        "Privileged Container Deployed",
        "Google Cloud Storage Buckets Modified or Deleted",
        "Google Workspace MFA Disabled",
        "Google Workspace Application Access Level Modified",
        "New Github Organization Member Added",
        "OpenCanary - SSH Login Attempt",
        "Kubernetes Events Deleted",
        "Kubernetes Secrets Enumeration",
        "Kubernetes Unauthorized or Unauthenticated Access",
    }


def test_most_events_of_the_public_set_are_known(data: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(data / "sources" / "panther-events.zip") as archive:
        lines = archive.read("events.jsonl").splitlines()
    events = [event for line in lines if (event := json.loads(line)["event"]) is not None]
    found = _read("\n".join(json.dumps(event) for event in events).encode())
    assert len(found) >= len(events)
    known = [one for one in found if isinstance(one, Row)]
    assert len(known) / len(found) > 0.8
