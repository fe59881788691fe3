"""Administration: people who look after servers from their desks and the jump host. Owns legitimate use of privilege."""

from random import Random

from watchkeeper.cyberrange import directory, logons, remote
from watchkeeper.cyberrange.background.helpdesk import entries_of
from watchkeeper.cyberrange.company import Person
from watchkeeper.cyberrange.logons import Origin
from watchkeeper.cyberrange.machine import Seat
from watchkeeper.cyberrange.program import program
from watchkeeper.cyberrange.recipe import play as play_recipe
from watchkeeper.cyberrange.remote import Errand
from watchkeeper.cyberrange.tables import word
from watchkeeper.cyberrange.world import Desk, World

_READ_ONLY = (
    "hostname",
    "cmd.exe /c ipconfig /flushdns",
    "cmd.exe /c dir D:\\",
    "cmd.exe /c tasklist",
    "powershell.exe -Command Get-Service",
)


def play(world: World) -> None:
    """Let each administrator do something about every fifteen minutes, and somebody new join once a day."""
    for person in world.company.staff("administration"):
        rng = world.stream(f"administration/{person.account}")
        desk = world.desks[person.account]
        for when in world.day(desk.start, min(desk.end, world.seconds), 800, rng):
            _work(world, desk, when, rng)
        _welcome(world, person, rng.uniform(desk.start, world.seconds), rng)


def _work(world: World, desk: Desk, when: float, rng: Random) -> None:
    seat = Seat(desk.seat.machine, desk.seat.process, desk.seat.logon)
    choice = rng.random()
    if choice < 0.3:
        jump = remote.by_desktop(world, seat, world.first("jump-host"), Errand(desk.person, "", "", program("cmd")), when)
        for number in range(rng.randrange(1, 4)):
            play_recipe(world, jump, rng.choice(entries_of("administration")), when + 60 + 150 * number)
        return
    if choice < 0.5:
        _elsewhere(world, desk, seat, when, rng)
        return
    play_recipe(world, seat, rng.choice(entries_of("administration")), when)


def _elsewhere(world: World, desk: Desk, seat: Seat, when: float, rng: Random) -> None:
    target = rng.choice([machine for machine in world.machines.values() if machine.host.server and not machine.host.protected])
    command = rng.choice(_READ_ONLY[1:])
    errand = Errand(desk.person, command, "PSEXESVC", program("psexesvc"))
    way = rng.choice((remote.by_service, remote.by_service, remote.by_winrm, remote.by_desktop))
    if way is remote.by_service:
        tool = seat.machine.start(
            when - 1, program("psexec"), f'"{program("psexec").image}" -accepteula \\\\{target.host.name} -s {command}', seat.process
        )
        seat = Seat(seat.machine, tool, seat.logon)
    way(world, seat, target, errand, when)


def _welcome(world: World, admin: Person, when: float, rng: Random) -> None:
    if rng.random() < 0.5:
        return
    controller = world.domain.controller
    desk = world.desks[admin.account].seat.machine.host
    logon = logons.over_network(world.domain, controller, admin, Origin(desk.address, desk.name), when - 1)
    account = f"{word(rng)}.{word(rng)}"
    directory.account_made(controller, logon, account, when)
    directory.joined(controller, logon, account, "Staff", when + 3)
