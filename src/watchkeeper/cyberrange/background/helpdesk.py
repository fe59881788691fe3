"""Helpdesk: remote support on other people's machines. Owns who is helped and when; the commands are in `content/range/duties.yml`."""

from collections.abc import Sequence
from random import Random
from typing import cast

from watchkeeper.cyberrange import logons
from watchkeeper.cyberrange.machine import Seat
from watchkeeper.cyberrange.program import program
from watchkeeper.cyberrange.recipe import Act
from watchkeeper.cyberrange.recipe import play as play_recipe
from watchkeeper.cyberrange.tables import entries
from watchkeeper.cyberrange.traffic import known, sites, visit
from watchkeeper.cyberrange.world import Desk, World


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
        logon = logons.elevate(machine, helper.person, when + 61)
        machine.start(when + 60, program("consent"), f"consent.exe 5120 {rng.randrange(200, 600)} 000001C7D0A1", machine.boot["svchost"])
        console = Seat(machine, helped.seat.process, logon)
    for number, errand in enumerate(rng.sample(entries_of("helpdesk"), rng.randrange(1, 4))):
        play_recipe(world, console, errand, when + 90 + number * rng.uniform(20, 120))


def _connect(world: World, helper: Desk, helped: Desk, when: float, rng: Random) -> None:
    tool = program(rng.choice(("anydesk", "anydesk", "quickassist")))
    relay = known(rng.choice(sites("helpdesk")))
    for desk, seconds in ((helper, 0), (helped, 8)):
        machine = desk.seat.machine
        process = machine.start(when + seconds, tool, tool.command.replace("<image>", tool.image), desk.seat.process)
        visit(world.gateway, Seat(machine, process, desk.seat.logon), relay, when + seconds + 1, 900_000, 4_000_000)
        machine.stop(when + 700, process)
    if rng.random() < 0.5:
        play_recipe(world, helper.seat, [{"start": "ping", "command": f"ping {helped.seat.machine.host.name}"}], when + 20)


def entries_of(duty: str) -> Sequence[Sequence[Act]]:
    """Give the errands of that duty."""
    return cast(Sequence[Sequence[Act]], entries("duties", duty))
