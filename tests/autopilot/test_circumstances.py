"""What ethics may ask: whose a thing is, which kinds of evidence events are, how sure it is, and where an action is carried out."""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from watchkeeper.assets import Register
from watchkeeper.autopilot.circumstances import asset_of, circumstances, confidence_of, kinds_of, matched_by_intel, traits_of
from watchkeeper.autopilot.intel_import import Wanted, import_files
from watchkeeper.autopilot.inventory import keep_inventory
from watchkeeper.autopilot.investigation import cited_events
from watchkeeper.autopilot.signal_list import fired_on
from watchkeeper.autopilot.witnesses import INTEL, Witnesses
from watchkeeper.cli import app
from watchkeeper.detection.intel.canon import Defaults
from watchkeeper.lake import Kept
from watchkeeper.model.asset import Asset, Own
from watchkeeper.model.entity import Entity, EntityKind
from watchkeeper.model.means import Job
from watchkeeper.model.proposal import Proposal
from watchkeeper.model.query import Query
from watchkeeper.response.planning import CATALOGUE
from watchkeeper.store import Store, open_store

REGISTER = Register([Asset(name="dc1", role="domain-controller", protected=True, addresses=("10.0.0.1", "198.18.0.9"), learnt=False)])
OWN = Own(networks=("81.2.69.0/24",), domains=("corp.example",))
SYSMON = {"EventID": 1, "Channel": "Microsoft-Windows-Sysmon/Operational", "Hostname": "ws1", "UtcTime": "2025-04-01 10:00:00.000",
          "Image": "C:\\e.exe", "CommandLine": "e.exe evil", "User": "CORP\\u", "ProcessGuid": "{1}"}  # fmt: skip
KNOWN_BAD = "ab" * 32
RULE = """
title: Evil runs
id: 0b0a5f2e-7a53-4c3c-9a7e-3d3f8f0e6a55
status: test
logsource: {product: windows, category: process_creation}
detection:
  selection: {CommandLine|contains: evil}
  condition: selection
level: high
"""


@pytest.mark.parametrize(
    ("kind", "value", "name"),
    [
        ("host", "dc1", "dc1"),
        ("host", "DC1.corp.example", "dc1"),
        ("address", "198.18.0.9", "dc1"),
        ("host", "ws9", "ws9"),
        ("user", "corp\\eve", "corp\\eve"),
        ("process", "ws9:evil.exe", "ws9:evil.exe"),
        ("address", "10.9.9.9", "10.9.9.9"),
        ("address", "81.2.69.142", "81.2.69.142"),
        ("address", "81.2.0.0/16", "81.2.0.0/16"),
        ("address", "0.0.0.0/0", "0.0.0.0/0"),
        ("address", "not an address", "not an address"),
        ("domain", "mail.corp.example", "mail.corp.example"),
        ("url", "https://mail.corp.example/x", "https://mail.corp.example/x"),
        ("mailbox", "ann@corp.example", "ann@corp.example"),
        ("address", "9.9.9.9", None),
        ("address", "2620:fe::fe", None),
        ("domain", "evilcorp.example", None),
        ("url", "https://corp.example.evil.test/x", None),
        ("mailbox", "ann@evil.test", None),
        ("hash", "0" * 64, None),
    ],
)
def test_whose_a_thing_is(kind: EntityKind, value: str, name: str | None) -> None:
    found = asset_of(Entity(kind=kind, value=value), REGISTER, OWN)
    assert (found.name if found else None) == name


def test_what_is_told_of_is_protected_by_any_of_its_names() -> None:
    for kind, value in (("host", "dc1.corp.example"), ("address", "198.18.0.9")):
        found = asset_of(Entity(kind=kind, value=value), REGISTER, OWN)  # type: ignore[arg-type] -- as parametrised above
        assert found is not None
        assert found.protected


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(tmp_path / "state")) as opened:
        yield opened


@pytest.fixture
def investigated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A case of two programs, of which installed intelligence knows one."""
    monkeypatch.setenv("WATCHKEEPER_STATE", str(tmp_path / "state"))
    (tmp_path / "known.txt").write_text(KNOWN_BAD, "utf-8")
    import_files([tmp_path / "known.txt"], Wanted(Defaults("ACME")), tmp_path / "state" / "intel", datetime.now(UTC))
    other = {**SYSMON, "UtcTime": "2025-04-01 10:00:30.000", "ProcessGuid": "{2}", "Hashes": f"SHA256={KNOWN_BAD}"}
    (tmp_path / "ws.json").write_text("\n".join(map(json.dumps, (SYSMON, other))), "utf-8")
    (tmp_path / "rule.yml").write_text(RULE, "utf-8")
    words = [
        "investigate",
        str(tmp_path / "ws.json"),
        "--rules",
        str(tmp_path / "rule.yml"),
        "--no-own-rules",
        "--out",
        str(tmp_path / "case"),
    ]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output


def test_evidence_is_looked_up_in_what_is_kept_and_made_up_ids_are_none(investigated: None, store: Store, tmp_path: Path) -> None:
    [incident] = store.incidents()
    with closing(Kept(tmp_path / "case" / "events")) as kept:
        event, other = sorted(kept.search(Query(limit=9)), key=lambda one: "Hashes" in one.fields)
        assert incident.plan
        about = incident.plan.actions[0].model_copy(update={"evidence": (event.id, other.id)})
        told = Witnesses(lambda ids: kept.search(Query(ids=tuple(ids))), lambda ids: matched_by_intel(store, ids)).of(incident, about)
    event, other = event.id, other.id
    assert {event, other} == set(cited_events(incident))
    nowhere = tmp_path / "state" / "lake" / "events"
    assert kinds_of(store, nowhere, (event, "f" * 32)) == ("windows/Sysmon",)
    assert kinds_of(store, nowhere, (event, other)) == told.kinds == ("windows/Sysmon", INTEL), "a proposal counts as ethics does"
    assert kinds_of(store, nowhere, ("f" * 32, "windows/Sysmon", "intel")) == ()
    assert kinds_of(store, nowhere, ()) == ()
    assert fired_on(store, "sigma", (event, "f" * 32)) == {event}
    assert matched_by_intel(store, (event, other)) == {other}
    assert fired_on(store, INTEL, (event,)) == fired_on(store, "sigma", ()) == frozenset()
    assert incident.verdict is not None
    assert confidence_of(store, incident.id) == incident.verdict.attack
    assert confidence_of(store, "f" * 32) is confidence_of(store, "") is None


def test_the_inventory_that_was_uploaded_counts(store: Store, tmp_path: Path) -> None:
    keep_inventory(store, b"assets: [{name: dc1, protected: true}]\nnetworks: [81.2.69.0/24]\n")
    about = circumstances(store, tmp_path, lambda: datetime.now(UTC), (Asset(name="ws1", role="workstation", learnt=False),))
    found = [about.asset_of(Entity(kind=kind, value=value)) for kind, value in (("host", "dc1"), ("host", "ws1"), ("address", "81.2.69.1"))]
    assert [(one.protected, one.role) if one else None for one in found] == [(True, ""), (False, "workstation"), (False, "")]


def test_without_places_nothing_is_carried_out_and_a_wrong_file_is_refused(store: Store, tmp_path: Path) -> None:
    about = circumstances(store, tmp_path, lambda: datetime.now(UTC))
    proposal = Proposal(
        tenant="default", incident="", action="block_address", targets=(Entity(kind="address", value="9.9.9.9"),), evidence=(), kinds=(),
        confidence=0, blast_radius=1, undoable=True, expiry_seconds=None, asked_by="person:ann",
    )  # fmt: skip
    assert about.means_of(proposal) is None
    (tmp_path / "response.yml").write_text("places: 7", "utf-8")
    with pytest.raises(ValueError, match=r"response\.yml"):
        circumstances(store, tmp_path, lambda: datetime.now(UTC))


def test_only_what_the_catalogue_has_has_traits() -> None:
    assert {one.name for one in CATALOGUE if traits_of(one.name) is one.traits} == {one.name for one in CATALOGUE}
    assert traits_of("launch") is None


def test_telling_people_goes_by_the_platforms_routes(tmp_path: Path) -> None:
    (tmp_path / "notify.yml").write_text("routes: [{name: duty, to: {channel: slack, url: 'env:WK_TEST_URL'}}]", "utf-8")
    targets, arguments = (Entity(kind="host", value="ws1"),), {"route": "duty", "title": "look at this"}
    asked = Proposal(
        tenant="default", incident="", action="notify", targets=targets, evidence=(), kinds=(), arguments=arguments, confidence=0,
        blast_radius=0, undoable=False, expiry_seconds=None, asked_by="person:ann",
    )  # fmt: skip
    job = Job(
        key=asked.id, tenant="default", incident="", action="notify", targets=targets, arguments=arguments, expires=None
    )  # fmt: skip
    with closing(open_store(tmp_path)) as store:
        means = circumstances(store, tmp_path, lambda: datetime(2026, 11, 26, 12, tzinfo=UTC)).means_of(asked)
        assert means is not None, "it needs no place in response.yml"
        assert means.do(job).said == "people are told by duty"
        [kept] = store.messages("", 10)
    assert (kept.outgoing.route, kept.outgoing.message.subject) == ("duty", "You are asked to look: look at this")
