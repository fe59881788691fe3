"""Phishing to ransomware: a lure opens the door, the attacker spreads, copies data out and prepares to encrypt. Owns the order of steps."""

from random import Random

from watchkeeper.cyberrange import logons, remote
from watchkeeper.cyberrange.company import Person
from watchkeeper.cyberrange.intrusion import Intrusion, Story, intrude
from watchkeeper.cyberrange.logons import Origin, Share
from watchkeeper.cyberrange.machine import Seat
from watchkeeper.cyberrange.program import program
from watchkeeper.cyberrange.remote import Errand
from watchkeeper.cyberrange.tables import word, words
from watchkeeper.cyberrange.world import World

_FIRST = (
    "cmd.exe /c whoami",
    "cmd.exe /c hostname & whoami",
    "powershell.exe -nop -c hostname",
    "cmd.exe /Q /c cd \\ 1> \\\\127.0.0.1\\ADMIN$\\__1 2>&1",
)


def play(world: World, rng: Random) -> Story:
    """Play the intrusion; its story is returned."""
    intrusion = intrude(world, rng, 26)
    desk = intrusion.victim()
    start = intrusion.now
    opened = intrusion.do("initial-access", "delivery", desk.seat)
    foothold = Seat(desk.seat.machine, opened.process, desk.seat.logon)
    intrusion.begin(desk.seat, opened.process.image)
    intrusion.several("discovery", "discovery", foothold, 4, 7)
    intrusion.several("persistence", "persistence", foothold, 1, 2)
    raised = _raise(intrusion, foothold, desk.person)
    intrusion.do("defence-evasion", "evasion", raised)
    intrusion.several("credential-access", "credentials", raised, 1, 2)
    last = _spread(intrusion, raised)
    intrusion.do("collection", "collection", last)
    intrusion.upload(last, intrusion.control, rng.randrange(80, 900) * 1_000_000)
    _encrypt(intrusion, last)
    intrusion.beacon(foothold, start + 30, intrusion.now, rng.randint(14, 26))
    return intrusion.story


def _raise(intrusion: Intrusion, foothold: Seat, person: Person) -> Seat:
    machine, image = foothold.machine, foothold.process.image
    with intrusion.step("privilege-escalation", "T1548.002", machine, person.account):
        logon = logons.elevate(machine, person, intrusion.now)
        process = machine.start(intrusion.now + 0.4, program(image), f'"{image}"', foothold.process, logon)
    intrusion.pause()
    return Seat(machine, process, logon)


def _spread(intrusion: Intrusion, seat: Seat) -> Seat:
    rng, admin = intrusion.rng, intrusion.admin()
    targets = [
        *intrusion.servers("file-server", "backup", "deployment", "mail")[: rng.randint(2, 3)],
        intrusion.servers("domain-controller")[0],
    ]
    here = seat
    for target in targets:
        name = word(rng)
        binary = program(f"C:\\Windows\\{name}.exe")
        errand = Errand(admin, rng.choice(_FIRST), name, binary, ntlm=rng.random() < 0.5)
        there = intrusion.settle(intrusion.move(rng.choice(remote.WAYS), seat, target, errand))
        intrusion.several("discovery", "discovery", there, 0, 2)
        if target.host.role == "domain-controller":
            intrusion.do("credential-access", "domain_credentials", there)
        if rng.random() < 0.4:
            intrusion.do("defence-evasion", "evasion", there)
        here = there if target.host.role != "domain-controller" else here
    return here


def _encrypt(intrusion: Intrusion, seat: Seat) -> None:
    intrusion.several("impact", "impact", seat, 2, 4)
    intrusion.do("defence-evasion", "cleanup", seat)
    world, rng, machine = intrusion.world, intrusion.rng, seat.machine
    ending, origin = word(rng)[:6], Origin(machine.host.address, machine.host.name)
    server = world.first("file-server")
    with intrusion.step("impact", "T1486", machine, seat.logon.account):
        locker = machine.start(
            intrusion.now,
            program(f"{intrusion.known['drop']}\\{word(rng)}.exe"),
            f"{word(rng)}.exe -path \\\\{server.host.name}\\ -mode fast",
            seat.process,
        )
        logon = logons.over_network(world.domain, server, intrusion.admin(), origin, intrusion.now + 0.5)
        for number in range(rng.randint(25, 60)):
            share = rng.choice(words("company", "shares"))
            path = f"{word(rng)}\\{rng.choice(words('names', 'documents'))}-{number:02d}.xlsx.{ending}"
            intrusion.now += rng.uniform(0.1, 0.9)
            if number % 2:
                logons.open_file(server, Share(share, logon, origin), path, intrusion.now, write=True)
            else:
                machine.file(intrusion.now, locker, f"C:\\Users\\Public\\Documents\\{path}")
        machine.file(intrusion.now, locker, f"C:\\Users\\Public\\Desktop\\{intrusion.known['note']}")
    intrusion.now += 5
