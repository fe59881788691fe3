"""Levels and policy are people's, two of them or one and a day; the system only lowers."""

import pytest
from tests.brain.ethics.conftest import MemoryLedger, World, proposal, raised

from watchkeeper.brain.ethics.acting import due, propose
from watchkeeper.brain.ethics.changing import agree_change, ask_change, cancel_change, lower, promote
from watchkeeper.brain.ethics.demoting import demote
from watchkeeper.brain.ethics.policy import shipped
from watchkeeper.model.autonomy import Autonomy
from watchkeeper.model.policy import LevelSet


def level(world: World, to: Autonomy, by: str = "ann") -> LevelSet:
    return LevelSet(action="block_address", group="outside", level=to, by=by, time=world.now, why="its record is good")


def test_a_promotion_takes_two_people_and_keeps_the_record(ledger: MemoryLedger, world: World) -> None:
    asked = promote(ledger, level(world, "L3"), world.about, is_alone=False)
    assert (asked.state, propose(ledger, proposal(), world.about).state) == ("asked", "waiting")
    with pytest.raises(ValueError, match="somebody else has to agree"):
        agree_change(ledger, asked.id, "Ann ", world.about)
    agree_change(ledger, asked.id, "bea", world.about)
    assert propose(ledger, proposal(incident="i2"), world.about).state == "ready"
    assert ledger.state.levels[-1].why.startswith("block_address on outside: 0 proposed")


def test_one_administrator_waits_a_day_and_may_cancel(ledger: MemoryLedger, world: World) -> None:
    asked = promote(ledger, level(world, "L3"), world.about, is_alone=True)
    world.passes(hours=23)
    assert propose(ledger, proposal(), world.about).state == "waiting"
    world.passes(hours=2)
    assert propose(ledger, proposal(incident="i2"), world.about).state == "ready"
    due(ledger, world.about)
    with pytest.raises(ValueError, match="is in-force"):
        cancel_change(ledger, asked.id, "ann", "no", world.about)


def test_a_demotion_cancels_what_stands_announced(ledger: MemoryLedger, world: World) -> None:
    asked = promote(ledger, level(world, "L3"), world.about, is_alone=True)
    demote(ledger, "block_address", "outside", "wrong verdict", world.about)
    assert ledger.state.changes[asked.id].state == "cancelled"
    assert ledger.state.levels == [], "nothing is lower than L2 by itself"


@pytest.mark.parametrize(
    ("to", "by", "said"), [("L4", "ann", "one level up"), ("L3", "system", "no person"), ("L3", "model:m", "no person")]
)
def test_nobody_promotes_otherwise(ledger: MemoryLedger, world: World, to: Autonomy, by: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        promote(ledger, level(world, to, by), world.about, is_alone=True)


def test_a_person_lowers_at_once_and_never_raises_so(ledger: MemoryLedger, world: World) -> None:
    raised(ledger, world, "L3")
    with pytest.raises(ValueError, match="would not lower"):
        lower(ledger, level(world, "L4"), world.about)
    lower(ledger, level(world, "L1"), world.about)
    assert propose(ledger, proposal(), world.about).state == "refused"


def test_a_stricter_policy_holds_at_once_for_one_and_a_weaker_one_waits(ledger: MemoryLedger, world: World) -> None:
    policy = shipped().model_dump(mode="json")
    assert ask_change(ledger, policy | {"never": ["203.0.113.5"]}, "ann", "ours", world.about, is_alone=True).state == "in-force"
    assert propose(ledger, proposal(), world.about).ruling.why[0].code == "ethics.excepted"
    assert ask_change(ledger, policy, "ann", "not any more", world.about, is_alone=True).state == "announced"
    assert ask_change(ledger, policy, "ann", "not any more", world.about, is_alone=False).state == "asked"
