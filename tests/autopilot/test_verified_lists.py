"""Verified lists: what stands on one that a trusted key signed, and that nothing else is one."""

import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from watchkeeper.autopilot.action_desk import ActionDesk
from watchkeeper.autopilot.circumstances import circumstances
from watchkeeper.autopilot.content_build import build
from watchkeeper.autopilot.content_install import Allowed, install
from watchkeeper.autopilot.edits import Who
from watchkeeper.autopilot.intel_import import Wanted, import_files
from watchkeeper.autopilot.verified_lists import VerifiedLists
from watchkeeper.brain.ethics.touching import LIST
from watchkeeper.bundle.minisign import SecretKey, new_key
from watchkeeper.bundle.recipe import read_recipe
from watchkeeper.bundle.trusted import distrust, trust
from watchkeeper.detection.intel.canon import Defaults
from watchkeeper.model.action_seen import ActionAsked
from watchkeeper.model.asset import Own
from watchkeeper.model.entity import Entity
from watchkeeper.model.means import Job, Means
from watchkeeper.model.proposal import ActionRecord, Done, Seen
from watchkeeper.store import open_store
from watchkeeper.store.people import open_people

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
KEY = new_key(b"\x07" * 32, b"\x01\x02\x03\x04\x05\x06\x07\x08")
MANY = tuple(str(IPv4Address("11.0.0.1") + number) for number in range(60_000))
"""Addresses of a network that is nobody's here; none is private or otherwise special."""


def _install(folder: Path, lines: str, key: SecretKey | None = KEY, name: str = "acme.csv") -> VerifiedLists:
    """Install a list that a person built, and trust the key."""
    (folder / name).write_text(lines, "utf-8")
    recipe = folder / "recipe.yml"
    recipe.write_text(f"name: lists\nparts:\n  - {{kind: intel, path: {name}, licence: CC0-1.0, source: ACME}}\n", "utf-8")
    bundle = build(read_recipe(recipe), folder / f"{name}.wkc", NOW, key).bundle.path
    trust(folder / "state", KEY.public)
    install(bundle, folder / "rules", folder / "state", NOW, (KEY.public,), Allowed(unsigned=key is None, any_age=True))
    return VerifiedLists(folder / "rules", folder / "state", Own(networks=("11.9.0.0/24",)))


def _addresses(*values: str) -> tuple[Entity, ...]:
    return tuple(Entity(kind="address", value=value) for value in values)


def test_every_target_has_to_stand_on_it(tmp_path: Path) -> None:
    lists = _install(tmp_path, "value\n11.0.0.1\n11.0.1.0/24\nevil.example\n2001:0db9:0:0::1\n")
    assert lists.names() == ("acme",)
    assert lists.has("acme", _addresses("11.0.0.1", "11.0.1.0/24", "2001:db9::1"), NOW)
    assert lists.has("acme", (Entity(kind="domain", value="EVIL.example."),), NOW)
    for target in (*_addresses("11.0.0.2", "11.0.1.7", "11.0.0.0/23", "evil.example"), Entity(kind="host", value="evil.example")):
        assert not lists.has("acme", (*_addresses("11.0.0.1"), target), NOW), target
    assert not lists.has("acme", (), NOW)
    for name in ("other", "", "..", "../intel/acme", "acme/", "ACME"):
        assert not lists.has(name, _addresses("11.0.0.1"), NOW), name


def test_what_expired_or_was_taken_back_stands_on_none(tmp_path: Path) -> None:
    lists = _install(tmp_path, f"value,valid_until\n11.0.0.1,{NOW - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}\n11.0.0.2,\n")
    assert not lists.has("acme", _addresses("11.0.0.1"), NOW)
    assert lists.has("acme", _addresses("11.0.0.1"), NOW - timedelta(days=2))
    found = lists.targets("acme", "block_address", NOW)
    assert (found.targets, found.left_out) == (_addresses("11.0.0.2"), {"expired": 1})


def test_without_a_signature_by_a_key_that_is_trusted_now_there_is_none(tmp_path: Path) -> None:
    signed, unsigned, other = (tmp_path / name for name in ("signed", "unsigned", "other"))
    for folder in (signed, unsigned, other):
        folder.mkdir()
    lists = _install(signed, "11.0.0.1\n")
    assert lists.has("acme", _addresses("11.0.0.1"), NOW)
    distrust(signed / "state", KEY.public.name)
    assert not lists.has("acme", _addresses("11.0.0.1"), NOW)
    loose = _install(unsigned, "11.0.0.1\n", None)
    assert (loose.names(), loose.has("acme", _addresses("11.0.0.1"), NOW)) == ((), False)
    with pytest.raises(ValueError, match="no list that came signed by a trusted key; there is none"):
        loose.targets("acme", "block_address", NOW)
    assert not VerifiedLists(None, other).names()
    assert not VerifiedLists(other / "nothing", other).has("acme", _addresses("11.0.0.1"), NOW)


def test_what_was_imported_under_the_name_of_a_signed_source_does_not_count(tmp_path: Path) -> None:
    lists = _install(tmp_path, "11.0.0.1\n")
    (tmp_path / "more.txt").write_text("11.0.0.2\n", "utf-8")
    import_files([tmp_path / "more.txt"], Wanted(Defaults("ACME")), tmp_path / "state" / "intel", NOW)
    assert not lists.has("acme", _addresses("11.0.0.2"), NOW)


def test_what_is_private_ones_own_or_known_to_be_harmless_is_left_out_and_counted(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "lists.zip", "w") as file:
        file.writestr("lists/one/list.json", '{"name": "one", "type": "cidr", "list": ["11.5.0.0/24"], "matching_attributes": ["ip-dst"]}')
    (tmp_path / "acme.csv").write_text("11.0.0.1\n10.0.0.1\n11.9.0.3\n11.5.0.9\nevil.example\n", "utf-8")
    recipe = tmp_path / "recipe.yml"
    parts = "{kind: intel, path: acme.csv, licence: CC0-1.0}", "{kind: warninglists, path: lists.zip, licence: CC0-1.0}"
    recipe.write_text("name: lists\nparts:\n" + "".join(f"  - {part}\n" for part in parts), "utf-8")
    trust(tmp_path / "state", KEY.public)
    bundle = build(read_recipe(recipe), tmp_path / "both.wkc", NOW, KEY).bundle.path
    install(bundle, tmp_path / "rules", tmp_path / "state", NOW, (KEY.public,), Allowed())
    lists = VerifiedLists(tmp_path / "rules", tmp_path / "state", Own(networks=("11.9.0.0/24",)))
    found = lists.targets("acme", "block_address", NOW)
    assert (found.targets, found.left_out) == (_addresses("11.0.0.1"), {"private": 1, "own": 1, "allowed": 1})
    assert lists.targets("acme", "block_domain", NOW).targets == (Entity(kind="domain", value="evil.example"),)
    with pytest.raises(ValueError, match="'isolate_host' takes no list"):
        lists.targets("acme", "isolate_host", NOW)


@pytest.fixture
def desk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[ActionDesk]:
    lists = _install(tmp_path, "\n".join(MANY[: getattr(request, "param", 1_500)]))
    state = tmp_path / "state"
    with closing(open_store(state)) as store:
        about = circumstances(store, state, lambda: NOW, (), tmp_path / "rules")
        held = set[str]()

        def block(job: Job) -> Done:
            held.update(one.value for one in job.targets)
            return Done(said=f"blocked {len(held)}")

        def seen(job: Job) -> Seen:
            return Seen(where="target", outcome="in-force" if len(held) == len(job.targets) else "not-in-force", time=NOW, said="looked")

        edge = Means("edge", "block_address", block, block, seen)
        log = open_people(store.database, state).audit
        yield ActionDesk(store, log, lambda: replace(about, means_of=lambda _: edge), lists)


def _asked(desk: ActionDesk, **said: object) -> ActionRecord:
    asked = ActionAsked.model_validate({"action": "block_address", "blast_radius": 1, **said})
    return desk.propose(asked, Who("ann", "the weekly list", NOW))


@pytest.mark.parametrize(("desk", "many"), [(1_500, 1_500), pytest.param(60_000, 60_000, marks=pytest.mark.slow)], indirect=["desk"])
def test_a_whole_list_is_one_action_with_one_radius_and_a_rate_of_its_own(desk: ActionDesk, many: int) -> None:
    waiting = _asked(desk, verified_list="acme")
    assert (waiting.state, len(waiting.proposal.targets), waiting.proposal.arguments) == ("waiting", many, {LIST: "acme"})
    assert waiting.ruling.approvals == 1, "so many that stand on no list would take two people"
    done = desk.answer(waiting.id, Who("bob", "seen it", NOW), "cli", agrees=True)
    assert (done.state, done.said) == ("verified", "looked")
    assert _asked(desk, targets=_addresses("9.9.9.9")).state == "waiting", "what a list blocked takes nothing from the rate of others"
    loose = _asked(desk, targets=_addresses(*MANY[:61]))
    assert "ethics.rate" in {note.code for note in loose.ruling.why}, "of what stands on no list, sixty an hour are the most"


def test_one_address_that_stands_on_no_list_takes_the_list_away(desk: ActionDesk) -> None:
    mixed = _asked(desk, targets=_addresses(*MANY[:1_000], "9.9.9.9"), arguments={LIST: "acme"})
    assert mixed.state == "refused"
    assert "ethics.not-listed" in {note.code for note in mixed.ruling.why}


def test_it_acts_on_targets_or_on_a_list(desk: ActionDesk) -> None:
    for said in ({}, {"targets": _addresses("9.9.9.9"), "verified_list": "acme"}):
        with pytest.raises(ValueError, match="the one or the other"):
            _asked(desk, **said)
    with pytest.raises(ValueError, match="there is acme"):
        _asked(desk, verified_list="other")
    with pytest.raises(ValueError, match="no folder of installed content"):
        _asked(ActionDesk(desk.store, desk.audit, desk.about), verified_list="acme")
