"""Scanner: the company's own vulnerability scanner looks at everything, early and at noon. Owns noise that touches every host."""

from random import Random

from watchkeeper.cyberrange import logons
from watchkeeper.cyberrange.logons import Attempt, Origin, Share
from watchkeeper.cyberrange.machine import Machine, Seat
from watchkeeper.cyberrange.tables import words
from watchkeeper.cyberrange.traffic import Flow, connect
from watchkeeper.cyberrange.world import World

_PORTS = (21, 22, 23, 80, 135, 139, 443, 445, 1433, 3306, 3389, 5985, 8080)


def play(world: World) -> None:
    """Scan every server twice and a third of the workstations once."""
    rng = world.stream("scanner")
    scanner = world.first("scanner")
    servers = [machine for machine in world.machines.values() if machine.host.server and machine is not scanner]
    desks = [machine for machine in world.machines.values() if not machine.host.server]
    for start in (world.seconds * 0.03, world.seconds * 0.5):
        for number, machine in enumerate([*servers, *rng.sample(desks, len(desks) // 3)]):
            _scan(world, scanner, machine, start + number * rng.uniform(20, 60), rng)


def _scan(world: World, scanner: Machine, target: Machine, when: float, rng: Random) -> None:
    origin = Origin(scanner.host.address, scanner.host.name)
    for number, port in enumerate(_PORTS):
        flow = Flow(origin.address, target.host.address, port, state=rng.choice(("REJ", "S0", "RSTO")) if port not in {135, 445} else "SF")
        world.gateway.flow(when + number * 0.3, flow)
    connect(Seat(scanner, scanner.boot["agent"], scanner.system), Flow(origin.address, target.host.address, 445), when + 5)
    world.gateway.share(
        when + 5, Flow(origin.address, target.host.address, 445, 900, 700, 0.4, "gssapi,smb"), f"\\\\{target.host.address}\\IPC$"
    )
    for account in rng.sample(("administrator", "admin", "guest", "root", "test"), 2):
        logons.failed(world.domain, target, Attempt(account, known=account in {"administrator", "guest"}), origin, when + rng.uniform(5, 9))
    logon = logons.over_network(world.domain, target, world.company.service("scanner"), origin, when + 10, ntlm=True)
    logons.open_share(target, Share("IPC$", logon, origin), when + 10.2)
    logons.off(target, logon, when + 15)
    if target.host.role == "web":
        for number, uri in enumerate(words("web", "probes")):
            request = {
                "method": "GET",
                "host": target.host.name.lower(),
                "uri": uri,
                "user_agent": "Gridlook/8.2",
                "status_code": 404,
                "status_msg": "Not Found",
            }
            world.gateway.http(when + 20 + number * 0.7, Flow(origin.address, target.host.address, 80, 400, 900, 0.1, "http"), request)
