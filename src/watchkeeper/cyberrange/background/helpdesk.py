"""Helpdesk: remote support on other people's machines. Owns who is helped and when; the commands are in `content/range/duties.yml`."""

from collections.abc import Sequence
from random import Random
from typing import cast

from watchkeeper.cyberrange import logons
from watchkeeper.cyberrange.program import program
from watchkeeper.cyberrange.recipe import Act, play as play_recipe
from watchkeeper.cyberrange.tables import entries
from watchkeeper.cyberrange.traffic import Flow, connect, known, sites, visit
from watchkeeper.cyberrange.world import Desk, Seat, World


def play(world: World) -> None:
    """Let each of the helpdesk help somebody about every forty minutes."""
    for person in world.company.staff("helpdesk"):
        rng = world.stream(f"helpdesk/{person.account}")
        desk = world.desks[person.account]
        others = [other for other in world.desks.values() if other.person != person]
        for when in world.day(desk.start + 300, min(desk.end, world.seconds), 2400, rng):
            _help(world, desk, rng.choice(others), when, rng)


def _help(world: World, helper: Desk, helped: Desk, when: float, rng: Random) -> None:
    if helped.start > when:
        return
    _connect(world, helper, helped, when, rng)
    machine = helped.seat.machine
    console = helped.seat
    if rng.random() < 0.6:
        logons.explicitly(machine, helped.seat.logon, helper.person, machine.host.name, program("consent").image, when + 60)
        logon = machine.logon(helper.person, 1, elevated=True)
        machine.start(when + 60, program("consent"), f"consent.exe 5120 {rng.randrange(200, 600)} 000001C7D0A1", machine.boot["svchost"])
        console = Seat(machine, helped.seat.process, logon)
    for number, errand in enumerate(rng.sample(entries_of("helpdesk"), rng.randrange(1, 4))):
        play_recipe(world, console, errand, when + 90 + number * rng.uniform(20, 120))


def _connect(world: World, helper: Desk, helped: Desk, when: float, rng: Random) -> None:
    tool = program(rng.choice(("anydesk", "anydesk", "quickassist")))
    for desk, seconds in ((helper, 0), (helped, 8)):
        process = desk.seat.machine.start(when + seconds, tool, tool.command, desk.seat.process)
        visit(
            world.gateway,
            desk.seat.machine,
            process,
            known(rng.choice(sites("helpdesk"))),
            when + seconds + 1,
            sent=900_000,
            received=4_000_000,
        )
        desk.seat.machine.stop(when + 700, process)
    if rng.random() < 0.5:
        address = helped.seat.machine.host.address
        process = helper.seat.machine.start(when + 20, program("ping"), f"ping {helped.seat.machine.host.name}", helper.seat.process)
        connect(helper.seat.machine, process, Flow(helper.seat.machine.host.address, address, 445), when + 21)
        helper.seat.machine.stop(when + 25, process)


def entries_of(duty: str) -> Sequence[Sequence[Act]]:
    """Give the errands of that duty."""
    return cast(Sequence[Sequence[Act]], entries("duties", duty))
