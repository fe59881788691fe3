"""Stolen account: guessed passwords, a logon from a strange address, then the domain's own tools from inside. Owns the order of steps."""

from random import Random

from watchkeeper.cyberrange import directory, logons, remote, traffic
from watchkeeper.cyberrange.company import Person
from watchkeeper.cyberrange.intrusion import Intrusion, Story, intrude
from watchkeeper.cyberrange.logons import Attempt, Origin, Share
from watchkeeper.cyberrange.machine import Seat
from watchkeeper.cyberrange.program import program
from watchkeeper.cyberrange.remote import Errand
from watchkeeper.cyberrange.tables import word, words
from watchkeeper.cyberrange.world import World


def play(world: World, rng: Random) -> Story:
    """Play the intrusion; its story is returned."""
    intrusion = intrude(world, rng, 20)
    origin = _origin(world, intrusion.owned)
    intrusion.story.addresses.clear()
    intrusion.story.domains.clear()
    intrusion.outside(origin.address)
    person = rng.choice((rng.choice(world.company.staff("helpdesk")), intrusion.admin()))
    _spray(intrusion, origin, person)
    seat = _log_on(intrusion, origin, person)
    intrusion.begin(seat, seat.process.image)
    intrusion.several("discovery", "discovery", seat, 3, 6)
    _roast(intrusion, origin, person)
    admin = intrusion.admin()
    _wander(intrusion, seat, admin)
    _replicate(intrusion, seat, admin)
    _stay(intrusion, seat, admin)
    if rng.random() < 0.5:
        intrusion.do("defence-evasion", "cleanup", seat)
    return intrusion.story


def _origin(world: World, rng: Random) -> Origin:
    name = rng.choice(("DESKTOP-", "WIN-", "kali", "PC")) + f"{rng.getrandbits(28):07X}"
    if rng.random() < 0.5:
        return Origin(traffic.stranger(rng).address, name)
    inside = world.company.hosts[0].address.split(".")[1]
    return Origin(f"10.{inside}.40.{rng.randrange(20, 240)}", name)


def _spray(intrusion: Intrusion, origin: Origin, person: Person) -> None:
    world, rng = intrusion.world, intrusion.rng
    target = world.first(rng.choice(("jump-host", "mail")))
    tried = [other.account for other in rng.sample(world.company.people, len(world.company.people) * 3 // 4) if other != person]
    tried += [word(rng) for _ in range(rng.randint(0, 6))]
    known = {other.account for other in world.company.people}
    for account in [*tried, person.account]:
        with intrusion.step("credential-access", "T1110.003", target, account):
            world.gateway.flow(intrusion.now - 0.1, _knock(origin, target.host.address, 3389 if target.host.role == "jump-host" else 443))
            if account != person.account:
                logons.failed(world.domain, target, Attempt(account, known=account in known), origin, intrusion.now)
        intrusion.now += rng.uniform(0.5, 9)
    intrusion.story.steps[:] = intrusion.story.steps[:1] + intrusion.story.steps[-1:]
    intrusion.story.accounts[:] = [person.account]
    intrusion.pause()


def _knock(origin: Origin, address: str, port: int) -> traffic.Flow:
    return traffic.Flow(origin.address, address, port, 2600, 3100, 1.2, "rdp" if port == 3389 else "ssl")


def _log_on(intrusion: Intrusion, origin: Origin, person: Person) -> Seat:
    world, jump = intrusion.world, intrusion.world.first("jump-host")
    with intrusion.step("initial-access", "T1078.002", jump, person.account):
        logon = logons.remote_desktop(world.domain, jump, person, origin, intrusion.now)
        userinit = jump.start(intrusion.now + 1, program("userinit"), program("userinit").command, jump.boot["winlogon"], logon)
        explorer = jump.start(intrusion.now + 1.7, program("explorer"), program("explorer").command, userinit)
        jump.stop(intrusion.now + 22, userinit)
    intrusion.now += 30
    intrusion.pause()
    return Seat(jump, explorer, logon)


def _roast(intrusion: Intrusion, origin: Origin, person: Person) -> None:
    world, rng = intrusion.world, intrusion.rng
    with intrusion.step("credential-access", "T1558.003", world.domain.controller, person.account):
        for service in rng.sample(world.company.services, 3):
            logons.service_ticket(world.domain, person.account, service.account, origin, intrusion.now, encryption="0x17")
            intrusion.now += rng.uniform(0.2, 2)
    intrusion.pause()


def _wander(intrusion: Intrusion, seat: Seat, admin: Person) -> None:
    world, rng = intrusion.world, intrusion.rng
    for target in intrusion.servers("file-server", "database", "mail", "backup", "deployment")[: rng.randint(3, 4)]:
        errand = Errand(admin, "cmd.exe /c dir C:\\Users", word(rng), program(f"C:\\Windows\\{word(rng)}.exe"))
        there = intrusion.move(rng.choice((remote.by_desktop, remote.by_winrm, remote.by_wmi)), seat, target, errand)
        intrusion.several("discovery", "discovery", there, 1, 2)
        if rng.random() < 0.5:
            intrusion.do("credential-access", "credentials", there)
    server, origin = world.first("file-server"), Origin(seat.machine.host.address, seat.machine.host.name)
    with intrusion.step("collection", "T1039", server, admin.account):
        logon = logons.over_network(world.domain, server, admin, origin, intrusion.now)
        for share in words("company", "shares"):
            opened = Share(share, logon, origin)
            logons.open_share(server, opened, intrusion.now)
            name = f"{word(rng)}\\{rng.choice(('passwords', 'accounts', 'vpn', 'contracts'))}.xlsx"
            logons.open_file(server, opened, name, intrusion.now + 1)
            intrusion.now += rng.uniform(2, 12)
    intrusion.pause()


def _replicate(intrusion: Intrusion, seat: Seat, admin: Person) -> None:
    world, rng = intrusion.world, intrusion.rng
    controller, origin = world.domain.controller, Origin(seat.machine.host.address, seat.machine.host.name)
    with intrusion.step("credential-access", "T1003.006", controller, admin.account):
        logon = logons.over_network(world.domain, controller, admin, origin, intrusion.now, ntlm=rng.random() < 0.4)
        for number in range(rng.randint(2, 5)):
            directory.replicated(controller, logon, intrusion.now + 0.2 + number * 0.3, number)
        world.gateway.flow(intrusion.now, traffic.Flow(origin.address, controller.host.address, 49_667, 90_000, 3_000_000, 5.0, "dce_rpc"))
    intrusion.now += 4
    intrusion.pause()


def _stay(intrusion: Intrusion, seat: Seat, admin: Person) -> None:
    rng, controller = intrusion.rng, intrusion.world.domain.controller
    account = f"svc-{word(rng)}" if rng.random() < 0.5 else f"{word(rng)}.{word(rng)}"
    intrusion.do("persistence", "account", seat, {"newuser": account})
    origin = Origin(seat.machine.host.address, seat.machine.host.name)
    with intrusion.step("persistence", "T1136.002", controller, account):
        logon = logons.over_network(intrusion.world.domain, controller, admin, origin, intrusion.now - 0.5)
        directory.account_made(controller, logon, account, intrusion.now)
    with intrusion.step("privilege-escalation", "T1098", controller, account):
        directory.joined(controller, logon, account, "Domain Admins", intrusion.now + 8)
    intrusion.now += 12
    intrusion.pause()
