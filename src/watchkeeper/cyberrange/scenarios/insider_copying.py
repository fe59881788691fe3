"""Insider: an employee with every right to log on copies other departments' data and takes it away. Owns the order of steps; no malware."""

from random import Random

from watchkeeper.cyberrange import logons, traffic
from watchkeeper.cyberrange.intrusion import Intrusion, Story, intrude
from watchkeeper.cyberrange.logons import Origin, Share
from watchkeeper.cyberrange.machine import Seat
from watchkeeper.cyberrange.tables import word, words
from watchkeeper.cyberrange.traffic import Flow, known, sites
from watchkeeper.cyberrange.world import Desk, World


def play(world: World, rng: Random) -> Story:
    """Play the affair; its story is returned."""
    intrusion = intrude(world, rng, 16, late=True)
    intrusion.story.addresses.clear()
    intrusion.story.domains.clear()
    desk = intrusion.victim("sales", "operations", "people", "finance", "development")
    seat = desk.seat
    intrusion.begin(seat, seat.process.image)
    foreign = [share for share in words("company", "shares") if share not in {desk.person.department, "public", "templates"}]
    intrusion.several("discovery", "insider_look", seat, 3, 5)
    for share in rng.sample(foreign, rng.randint(2, 4)):
        _read(intrusion, desk, share)
    intrusion.do("collection", "insider_archive", seat)
    for way in rng.choice(
        (("insider_tools",), ("insider_tools", "insider_usb"), ("insider_usb", "insider_tools"), ("insider_tools", "insider_tools"))
    ):
        done = intrusion.do("exfiltration", way, seat)
        if way == "insider_tools":
            site = known(rng.choice(sites("cloud")))
            intrusion.upload(Seat(seat.machine, done.process, seat.logon), site, rng.randrange(200, 3000) * 1_000_000, "T1567.002")
            intrusion.outside(site.address)
    intrusion.several("defence-evasion", "insider_traces", seat, 2, 3)
    return intrusion.story


def _read(intrusion: Intrusion, desk: Desk, share: str) -> None:
    world, rng, machine = intrusion.world, intrusion.rng, desk.seat.machine
    server, origin = world.first("file-server"), Origin(machine.host.address, machine.host.name, traffic.opened(rng))
    folder = word(rng)
    with intrusion.step("collection", "T1039", server, desk.person.account):
        logon = logons.over_network(world.domain, server, desk.person, origin, intrusion.now)
        flow = Flow(
            origin.address, server.host.address, 445, 90_000, rng.randrange(90, 800) * 1_000_000, rng.uniform(60, 500), "gssapi,smb"
        )
        world.gateway.share(intrusion.now, flow, f"\\\\{server.host.name}\\{share}")
        traffic.connect(
            Seat(machine, machine.boot["system"], machine.system), flow, intrusion.now, f"{server.host.name}.{world.company.dns}"
        )
        opened = Share(share, logon, origin)
        logons.open_share(server, opened, intrusion.now)
        for number in range(rng.randint(10, 24)):
            intrusion.now += rng.uniform(0.4, 5)
            name = f"{rng.choice(words('names', 'documents'))}-{number:02d}.{rng.choice(('xlsx', 'docx', 'pdf', 'pptx'))}"
            logons.open_file(server, opened, f"{folder}\\{name}", intrusion.now)
            if number % 3 == 0:
                path = f"C:\\Users\\{desk.person.account}\\Documents\\{intrusion.known['stage']}\\{name}"
                machine.file(intrusion.now + 0.3, desk.seat.process, path)
        logons.off(server, logon, intrusion.now + 2)
    intrusion.pause()
