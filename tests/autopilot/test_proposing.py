"""Proposing: a step's wish and the plan's reason become proposals with everything that has to stay the same."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from tests.autopilot.playbooks.conftest import incident

from watchkeeper.autopilot import Options, investigate
from watchkeeper.autopilot.playbooks.choosing import chosen_in
from watchkeeper.autopilot.playbooks.reading import playbooks
from watchkeeper.autopilot.proposing import Reasons, arguments, asked_by, proposals
from watchkeeper.autopilot.witnesses import Witnesses
from watchkeeper.cyberrange import generate
from watchkeeper.lake import Kept
from watchkeeper.model.asset import Asset
from watchkeeper.model.entity import Entity
from watchkeeper.model.playbook import Act, Targets, Wanted
from watchkeeper.model.query import Query
from watchkeeper.response import CATALOGUE

_ASSETS = {"dc01": Asset(name="dc01", role="domain-controller", protected=True), "pc-1": Asset(name="pc-1", role="workstation")}
_REASONS = Reasons(
    tenant="acme",
    asked_by=asked_by("intrusion"),
    asset_of=lambda name: _ASSETS.get(name, Asset(name=name)),
    witnesses=Witnesses(lambda _: [], lambda _: ()),
    traits_of={entry.name: entry.traits for entry in CATALOGUE}.get,
)


def test_a_proposal_says_everything_that_has_to_stay_the_same() -> None:
    one = proposals(incident(), Wanted(action="kill_process"), _REASONS)[0]
    assert (one.tenant, one.incident, one.asked_by, one.confidence) == ("acme", "i1", "playbook:intrusion", 0.97)
    assert one.targets == (Entity(kind="process", value="pc-1:4711 evil.exe"),)
    assert one.arguments == {"host": "pc-1", "pid": "4711", "process": "evil.exe"}
    assert (one.undoable, one.blast_radius, one.expiry_seconds) == (False, 1, None)
    assert proposals(incident(), Wanted(action="kill_process"), _REASONS)[0].digest == one.digest


def test_a_file_is_named_with_its_path_and_hashes_and_no_other_thing_s() -> None:
    told = arguments(incident(), Entity(kind="file", value="pc-1:c:\\t\\drop.exe"))
    assert told == {"host": "pc-1", "path": "c:\\t\\drop.exe", "sha256": "ab" * 32}
    assert arguments(incident(), Entity(kind="file", value="pc-1:c:\\t\\other.exe")) == {"host": "pc-1", "path": "c:\\t\\other.exe"}
    assert arguments(incident(), Entity(kind="address", value="203.0.113.7")) == {}


def test_an_import_hash_is_not_taken_for_md5() -> None:
    found = incident()
    assert found.trace
    hashed = {"path": "c:\\t\\drop.exe", "hash": f"MD5={'1' * 32},SHA256={'2' * 64},IMPHASH={'3' * 32}"}
    nodes = tuple(node.model_copy(update={"details": hashed}) if node.kind == "file" else node for node in found.trace.nodes)
    found = found.model_copy(update={"trace": found.trace.model_copy(update={"nodes": nodes})})
    told = arguments(found, Entity(kind="file", value="pc-1:c:\\t\\drop.exe"))
    assert (told["md5"], told["sha256"]) == ("1" * 32, "2" * 64)


@pytest.mark.parametrize(
    ("targets", "hosts"),
    [
        (Targets(), ["pc-1", "dc01"]),
        (Targets(protected=False), ["pc-1"]),
        (Targets(roles=("domain-controller",)), ["dc01"]),
        (Targets(not_roles=("domain-controller",)), ["pc-1"]),
        (Targets(named=(Entity(kind="host", value="dc01"),)), ["dc01"]),
        (Targets(named=(Entity(kind="host", value="innocent"),)), []),
        (Targets(most=1), ["pc-1"]),
    ],
)
def test_a_step_means_what_the_plan_suggests_and_nothing_else(targets: Targets, hosts: list[str]) -> None:
    found = proposals(incident(), Wanted(action="snapshot_evidence", targets=targets), _REASONS)
    assert sorted(one.targets[0].value for one in found) == sorted(hosts)


def test_what_is_on_a_host_is_chosen_by_that_host() -> None:
    wanted = Wanted(action="remove_autostart", targets=Targets(protected=False))
    assert proposals(incident(), wanted, _REASONS) == ()
    assert len(proposals(incident(), Wanted(action="remove_autostart"), _REASONS)) == 1


@pytest.mark.parametrize(("asked", "seconds"), [(None, 86_400), (3_600, 3_600), (30 * 86_400, 86_400)])
def test_it_ends_no_later_than_the_catalogue_says(asked: int | None, seconds: int) -> None:
    assert proposals(incident(), Wanted(action="block_address", expiry_seconds=asked), _REASONS)[0].expiry_seconds == seconds


def test_without_a_plan_or_a_reason_nothing_is_proposed() -> None:
    assert proposals(incident().model_copy(update={"plan": None}), Wanted(action="block_address"), _REASONS) == ()
    assert proposals(incident(), Wanted(action="no_such_action"), _REASONS) == ()


@pytest.mark.slow
def test_every_proposal_for_a_day_of_the_range_rests_on_events_that_are_kept_and_on_two_witnesses(tmp_path: Path) -> None:
    generate("phishing-ransomware", 5, tmp_path, hosts=20, hours=2)
    options = Options(paths=(tmp_path / "evidence",), assets=tmp_path / "assets.yml")
    case, _ = investigate(options, tmp_path / "case", "en")
    known = {asset.name: asset for asset in case.assets}
    playbook = {one.rank: found for one, found in chosen_in(case, playbooks())}[1]
    assert playbook is not None
    assert playbook.name == "ransomware"
    with closing(Kept(tmp_path / "case" / "events")) as kept:
        witnesses = Witnesses(lambda ids: kept.search(Query(ids=tuple(ids))), lambda _: ())
        reasons = replace(_REASONS, asset_of=lambda name: known.get(name) or Asset(name=name), witnesses=witnesses)
        wanted = [one for step in playbook.steps.values() if isinstance(step, Act) for one in step.actions]
        found = [one for want in wanted for one in proposals(case.incidents[0], want, reasons)]
        cited = {event for one in found for event in one.evidence}
        assert {event.id for event in kept.search(Query(ids=tuple(cited)))} == cited
    assert {one.action for one in found} >= {"snapshot_evidence", "block_address", "isolate_host"}
    assert all(len(one.kinds) >= 2 for one in found if one.action in ("block_address", "isolate_host"))
    assert all(one.confidence > 0.9 for one in found)
