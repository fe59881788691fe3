"""Each invariant by its sentence: everything else is in order, so that the ruling is as strict as that one asks, and laxer without it."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.brain.ethics.conftest import ADDRESS, MemoryLedger, World, proposal, raised, word

from watchkeeper.brain.ethics import ruling
from watchkeeper.brain.ethics.acting import act, answer, propose
from watchkeeper.brain.ethics.braking import set_brake
from watchkeeper.brain.ethics.invariants import INVARIANTS, Invariant
from watchkeeper.brain.ethics.policy import shipped
from watchkeeper.brain.ethics.ruling import rule
from watchkeeper.model.asset import Asset
from watchkeeper.model.audit import Happened
from watchkeeper.model.autonomy import Ruling
from watchkeeper.model.entity import Entity
from watchkeeper.model.policy import Brake, PolicyChange
from watchkeeper.model.proposal import Proposal

Arranged = Callable[[MemoryLedger, World], Proposal]
ASKED = {"refuse": ("refuse", 0), "two": ("ask", 2), "one": ("ask", 1)}


def with_policy(ledger: MemoryLedger, world: World, **changes: Any) -> None:
    """Let people have changed the policy: what protects a group stands in it no more, so that only the invariants do."""
    base = shipped().model_dump(mode="json")
    groups = [group | {"most": "L5", "approvals": 1, "felt_by_all": False} for group in base["groups"]]
    begun: dict[str, Any] = {"asked_by": "ann", "agreed_by": "bea", "state": "in-force", "made": world.now, "begins": world.now}
    with ledger.alone() as kept:
        change = PolicyChange(id="0" * 32, policy=base | {"groups": groups} | changes, **begun)
        kept.put_change(change, Happened(time=world.now, tenant="default", who="ann", what="policy changed"))
        kept.state.levels.clear()
    for group in base["groups"]:
        raised(ledger, world, "L3", group=group["name"])


def of_an_asset(**what: Any) -> Arranged:
    def arranged(ledger: MemoryLedger, world: World) -> Proposal:
        with_policy(ledger, world)
        world.assets = {ADDRESS: Asset(name="it", learnt=False, **what)}
        return proposal()

    return arranged


def told(**others: Any) -> Arranged:
    return lambda _ledger, _world: proposal(**others)


def addresses(count: int) -> tuple[Entity, ...]:
    return tuple(Entity(kind="address", value=f"198.51.100.{number}") for number in range(count))


def braked(**how: Any) -> Arranged:
    def arranged(ledger: MemoryLedger, world: World) -> Proposal:
        set_brake(ledger, Brake(scope="default", by="bea", time=world.now, **how))
        return proposal()

    return arranged


def without_a_place(_: MemoryLedger, world: World) -> Proposal:
    world.without_place = {"block_address"}
    return proposal()


def excepted(ledger: MemoryLedger, world: World) -> Proposal:
    with_policy(ledger, world, never=["203.0.113.0/28"])
    return proposal()


def loopback(ledger: MemoryLedger, world: World) -> Proposal:
    with_policy(ledger, world)
    return proposal(targets=(Entity(kind="address", value="127.0.0.1"),))


def done_before(ledger: MemoryLedger, world: World, **others: Any) -> None:
    before = proposal(incident="before", **others)
    propose(ledger, before, world.about)
    assert act(ledger, before.id, world.about).state == "in-force"


def over_the_rate(ledger: MemoryLedger, world: World) -> Proposal:
    rates = shipped().model_dump(mode="json")["rates"]
    with_policy(ledger, world, rates=rates | {"actions": {"*": {"hour": 1, "day": 1}}})
    done_before(ledger, world, targets=addresses(1))
    return proposal()


def in_force_already(ledger: MemoryLedger, world: World) -> Proposal:
    done_before(ledger, world)
    return proposal()


def only_suggested(ledger: MemoryLedger, world: World) -> Proposal:
    raised(ledger, world, "L1")
    return proposal()


def below_its_level(ledger: MemoryLedger, world: World) -> Proposal:
    pc = Entity(kind="host", value="pc1")
    world.assets = {pc: Asset(name="pc1", role="workstation", learnt=False)}
    raised(ledger, world, "L3", "isolate_host", "workstations")
    return proposal(action="isolate_host", targets=(pc,))


def en_masse(ledger: MemoryLedger, world: World) -> Proposal:
    approvals = shipped().model_dump(mode="json")["approvals"]
    with_policy(ledger, world, approvals=approvals | {"one_person_objects": 1})
    return proposal(targets=addresses(2))


def denied_before(ledger: MemoryLedger, world: World) -> Proposal:
    before = proposal()
    propose(ledger, before, world.about)
    answer(ledger, word(before, "bea", world, agrees=False), world.about)
    return proposal(wave=1, targets=(Entity(kind="address", value=f"{ADDRESS.value}/32"), *addresses(1)))


CASES: dict[str, Arranged] = {
    "in_catalogue": told(action="format_disks"),
    "leaves_policy": told(arguments={"write": "/srv/watchkeeper/Policy.yml "}),
    "brake_is_off": braked(on=True),
    "no_dry_run": braked(on=False, dry_run=True),
    "has_means": without_a_place,
    "is_not_excepted": excepted,
    "is_addressed": loopback,
    "list_is_verified": told(arguments={"verified_list": "made up"}),
    "says_who_asks": told(asked_by="playbook: "),
    "has_evidence": told(evidence=("nowhere",)),
    "is_within_rate": over_the_rate,
    "is_news": in_force_already,
    "is_more_than_a_suggestion": only_suggested,
    "spares_protected": of_an_asset(role="workstation", protected=True),
    "is_countable": told(blast_radius=None),
    "is_no_mass": en_masse,
    "spares_the_crown": of_an_asset(role="domain-controller"),
    "can_be_undone": told(undoable=False),
    "has_two_kinds": told(evidence=("e1", "e1")),
    "is_felt_by_few": told(blast_radius=4),
    "is_small": told(targets=addresses(21)),
    "ends_by_itself": told(expiry_seconds=3601),
    "is_nobodys_own_wish": told(asked_by="person:ann"),
    "no_person_said_no": denied_before,
    "level_allows": below_its_level,
}


def ruled(one: Invariant, ledger: MemoryLedger, world: World) -> tuple[Proposal, Ruling]:
    raised(ledger, world, "L3")
    asked = CASES[one.name](ledger, world)
    with ledger.alone() as kept:
        return asked, rule(kept, asked, world.about, acting=True)


def test_with_everything_in_order_it_runs(ledger: MemoryLedger, world: World) -> None:
    raised(ledger, world, "L3")
    with ledger.alone() as kept:
        assert rule(kept, proposal(), world.about, acting=True).outcome == "run"


@pytest.mark.parametrize("one", INVARIANTS, ids=lambda one: one.name)
def test_it_takes_what_the_invariant_asks_for(one: Invariant, ledger: MemoryLedger, world: World) -> None:
    asked, found = ruled(one, ledger, world)
    assert (found.outcome, found.approvals) == ASKED[one.demand], found.why
    assert not any(note.code == "ethics.broken" for note in found.why), found.why
    before = len(world.place.done)
    propose(ledger, asked, world.about)
    assert act(ledger, asked.id, world.about).state in ("refused", "waiting")
    assert len(world.place.done) == before


@pytest.mark.parametrize("one", INVARIANTS, ids=lambda one: one.name)
def test_without_the_invariant_it_takes_less(one: Invariant, ledger: MemoryLedger, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ruling, "INVARIANTS", tuple(other for other in INVARIANTS if other is not one))
    _, found = ruled(one, ledger, world)
    assert (found.outcome, found.approvals) != ASKED[one.demand], "another invariant asks for as much, so this case shows nothing of it"
