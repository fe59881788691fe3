"""Routines: what machines and people do again and again, as written in `content/range/routines.yml`. Owns when; the acts are recipes."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import cast

from watchkeeper.cyberrange.machine import Machine, Seat
from watchkeeper.cyberrange.recipe import Act
from watchkeeper.cyberrange.recipe import play as play_recipe
from watchkeeper.cyberrange.tables import entries
from watchkeeper.cyberrange.world import World


def play(world: World) -> None:
    """Play every routine on every machine and at every desk it belongs to, at random times at its own pace."""
    for number, routine in enumerate(entries("routines", "machines")):
        for machine in world.machines.values():
            rng = world.stream(f"routine/{number}/{machine.host.name}")
            if _of_machine(routine, machine) and rng.random() < _share(routine):
                _repeat(world, _boot_seat(machine, routine), routine, (0, world.seconds), rng)
    for number, routine in enumerate(entries("routines", "people")):
        for account, desk in world.desks.items():
            rng = world.stream(f"habit/{number}/{account}")
            if routine["who"] in {"any", desk.person.department} and rng.random() < _share(routine):
                seat = desk.seat if routine["under"] == "explorer" else _boot_seat(desk.seat.machine, routine)
                _repeat(world, Seat(seat.machine, seat.process, desk.seat.logon), routine, (desk.start, min(desk.end, world.seconds)), rng)


def _repeat(world: World, seat: Seat, routine: Mapping[str, object], hours: tuple[float, float], rng: Random) -> None:
    acts = cast(Sequence[Act], routine["do"])
    for when in world.day(*hours, 3600 / float(str(routine["hourly"])), rng):
        play_recipe(world, seat, acts, when)


def _of_machine(routine: Mapping[str, object], machine: Machine) -> bool:
    host = machine.host
    return routine["who"] in {"any", host.role, "server" if host.server else "workstation"} and str(routine["under"]) in machine.boot


def _boot_seat(machine: Machine, routine: Mapping[str, object]) -> Seat:
    process = machine.boot[str(routine["under"])]
    return Seat(machine, process, process.logon)


def _share(routine: Mapping[str, object]) -> float:
    return float(str(routine.get("share", 1)))
