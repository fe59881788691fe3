"""Desks: people come, log on, work behind a desktop, and leave. Owns arrivals; what they do in between is in `routines`."""

from random import Random

from watchkeeper.cyberrange import logons
from watchkeeper.cyberrange.company import Person
from watchkeeper.cyberrange.machine import Seat
from watchkeeper.cyberrange.program import program
from watchkeeper.cyberrange.world import Desk, World


def play(world: World) -> None:
    """Seat everybody at their own workstation; a few log on with a delay after the others."""
    for person in world.company.people:
        _arrive(world, person, world.stream(f"desk/{person.account}"))


def _arrive(world: World, person: Person, rng: Random) -> None:
    machine = world.on(world.company.desk(person))
    start = rng.uniform(60, min(5400, world.seconds / 4))
    end = world.seconds - rng.uniform(-1200, 1800)
    logon = logons.at_desk(world.domain, machine, person, start)
    userinit = machine.start(start + 1.2, program("userinit"), program("userinit").command, machine.boot["winlogon"], logon)
    explorer = machine.start(start + 1.8, program("explorer"), program("explorer").command, userinit)
    machine.stop(start + 24, userinit)
    machine.boot["explorer"] = explorer
    world.desks[person.account] = Desk(person, Seat(machine, explorer, logon), start + 30, end)
    logons.off(machine, logon, end, kind=2)
