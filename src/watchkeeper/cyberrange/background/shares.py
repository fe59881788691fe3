"""Shares: people open files of their department on the file server, machines read group policy. Owns ordinary use of shares."""

from random import Random

from watchkeeper.cyberrange import logons
from watchkeeper.cyberrange.logons import Origin, Share
from watchkeeper.cyberrange.tables import fill, word, words
from watchkeeper.cyberrange.traffic import Flow
from watchkeeper.cyberrange.world import Desk, World


def play(world: World) -> None:
    """Let everybody use their shares about twice an hour, and every machine its policy about every ninety minutes."""
    for account, desk in world.desks.items():
        rng = world.stream(f"shares/{account}")
        for when in world.day(desk.start, min(desk.end, world.seconds), 1500, rng):
            _read(world, desk, when, rng)
    for machine in world.machines.values():
        rng = world.stream(f"policy/{machine.host.name}")
        for when in world.day(0, world.seconds, 5400, rng):
            _policy(world, machine.host.name, machine.host.address, when)


def _read(world: World, desk: Desk, when: float, rng: Random) -> None:
    server = world.first("file-server")
    share = rng.choice((desk.person.department, desk.person.department, "public", "templates"))
    share = share if share in words("company", "shares") else "operations"
    origin = Origin(desk.seat.machine.host.address, desk.seat.machine.host.name)
    logon = logons.over_network(world.domain, server, desk.person, origin, when)
    world.gateway.share(
        when,
        Flow(
            origin.address,
            server.host.address,
            445,
            rng.randrange(8000, 60_000),
            rng.randrange(20_000, 3_000_000),
            rng.uniform(1, 60),
            "gssapi,smb",
        ),
        f"\\\\{server.host.name}\\{share}",
    )
    opened = Share(share, logon, origin)
    logons.open_share(server, opened, when + 0.02)
    for number in range(rng.randrange(1, 5)):
        path = f"{word(rng)}\\{fill('<document>', {}, rng)}.{rng.choice(('xlsx', 'docx', 'pdf', 'pptx'))}"
        logons.open_file(server, opened, path, when + 0.1 + number * rng.uniform(0.5, 20), write=rng.random() < 0.2)
    logons.off(server, logon, when + 90)


def _policy(world: World, name: str, address: str, when: float) -> None:
    controller = world.domain.controller
    if controller.host.name == name:
        return
    origin = Origin(address, name)
    logon = logons.over_network(world.domain, controller, None, origin, when)
    world.gateway.share(
        when,
        Flow(address, controller.host.address, 445, 6000, 24_000, 2.0, "gssapi,smb"),
        f"\\\\{controller.host.name}.{world.company.dns}\\SYSVOL",
    )
    logons.open_share(controller, Share("SYSVOL", logon, origin), when + 0.02)
    logons.off(controller, logon, when + 12)
