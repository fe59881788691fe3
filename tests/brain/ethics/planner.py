"""An ordinary planner under a policy that people made: inaction is no answer to an adversary.

What is permitted and necessary is written down here, beside what is asked for, and not taken from a ruling.
"""

from collections.abc import Iterator
from random import Random

from tests.brain.ethics.conftest import FakePlace, MemoryLedger, World, proposal, raised, word

from watchkeeper.brain.ethics.acting import act, answer, look, propose
from watchkeeper.model.asset import Asset
from watchkeeper.model.entity import Entity
from watchkeeper.model.proposal import ActionRecord, Proposal


def planned(days: int) -> tuple[int, int]:
    """Let it plan for some days; give how much was permitted and necessary, and how much of that was done and seen to work."""
    draw, world, wanted, completed = Random(5), World(), 0, 0
    world.assets = {pc: Asset(name=pc.value, role="workstation", learnt=False) for pc in map(_pc, range(4))}
    for day in range(days):
        ledger, world.place = MemoryLedger(), FakePlace(lambda: world.now)
        raised(ledger, world, "L3")
        raised(ledger, world, "L4", "isolate_host", "workstations")
        world.place.trouble = lambda what, _job: _sometimes_silent(draw, what)
        for asked in _needed(day):
            wanted += 1
            completed += _followed(ledger, world, asked) and (asked.action, asked.targets[0]) in world.place.in_force
        world.passes(hours=30)
    return wanted, completed


def ready(ledger: MemoryLedger, world: World, asked: Proposal) -> ActionRecord:
    record = propose(ledger, asked, world.about)
    return answer(ledger, word(asked, "ann", world), world.about) if record.state == "waiting" else record


def _pc(number: int) -> Entity:
    return Entity(kind="host", value=f"pc{number}")


def _needed(day: int) -> Iterator[Proposal]:
    for number in range(4):
        address, process = Entity(kind="address", value=f"203.0.113.{number + 1}"), Entity(kind="process", value=f"pc{number}:9 x")
        incident = f"{day}-{number}"
        yield proposal(incident=incident, targets=(address,))
        yield proposal(incident=incident, action="isolate_host", targets=(_pc(number),))
        yield proposal(incident=incident, action="kill_process", targets=(process,), undoable=False, expiry_seconds=None)


def _sometimes_silent(draw: Random, what: str) -> None:
    if what != "check" and draw.random() < 0.1:
        raise TimeoutError("no answer")


def _followed(ledger: MemoryLedger, world: World, asked: Proposal) -> bool:
    """Follow a proposal as a flow does: people answer what waits, and what did not work at once is tried three times."""
    ready(ledger, world, asked)
    for _ in range(3):
        if act(ledger, asked.id, world.about).state != "doing":
            break
        world.passes(seconds=1)
    return look(ledger, asked.id, world.about).state == "verified"
