"""Web shell: a hole in the shop's upload lets a stranger run commands, who drops tools and tunnels inwards. Owns the order of steps."""

from random import Random

from watchkeeper.cyberrange import remote, traffic
from watchkeeper.cyberrange.intrusion import Intrusion, Story, intrude
from watchkeeper.cyberrange.machine import Machine, Seat
from watchkeeper.cyberrange.program import program
from watchkeeper.cyberrange.remote import Errand
from watchkeeper.cyberrange.tables import entries, fill, word, words
from watchkeeper.cyberrange.traffic import Flow
from watchkeeper.cyberrange.world import World

_FOLDERS = {
    "w3wp": ("C:\\inetpub\\wwwroot\\shop\\uploads\\", "/shop/uploads/", ("aspx", "ashx", "asp")),
    "tomcat": ("C:\\Program Files\\Apache Software Foundation\\Tomcat 9.0\\webapps\\ROOT\\", "/", ("jsp", "jspx")),
}


def play(world: World, rng: Random) -> Story:
    """Play the intrusion; its story is returned."""
    intrusion = intrude(world, rng, 22)
    web = world.first("web")
    server = intrusion.owned.choice(("w3wp", "tomcat"))
    stranger = traffic.stranger(intrusion.owned)
    intrusion.outside(stranger.address)
    seat = Seat(web, web.boot[server], web.boot[server].logon)
    folder, path, endings = _FOLDERS[server]
    name = f"{rng.choice((word(rng), rng.choice(words('names', 'documents'))))}{rng.randrange(9, 99)}.{rng.choice(endings)}"
    browser = traffic.agent(rng, rng.choice(("browser", "tool")))
    visitor = _Visitor(intrusion, web, stranger.address, browser)
    _probe(visitor)
    intrusion.begin(seat, seat.process.image)
    visitor.request("persistence", "T1505.003", "POST", "/shop/upload.aspx", 9000)
    with intrusion.step("persistence", "T1505.003", web, seat.logon.account):
        web.file(intrusion.now, seat.process, folder + name)
    intrusion.pause()
    ways = entries("attack", "shell_commands")
    for way in rng.sample(ways, rng.randint(5, 9)):
        visitor.request("execution", "T1505.003", "POST", path + name, 700)
        intrusion.follow("discovery", way, seat)
    _go_inside(visitor, seat, path + name)
    return intrusion.story


class _Visitor:
    """Somebody on the Internet who calls the web server."""

    def __init__(self, intrusion: Intrusion, web: Machine, address: str, browser: str) -> None:
        self.intrusion, self.web, self.address, self.browser = intrusion, web, address, browser

    def request(self, step: str, technique: str, method: str, uri: str, size: int, status: int = 200) -> None:
        """Send one request."""
        intrusion = self.intrusion
        request = {
            "method": method, "host": f"shop.{intrusion.world.company.dns}", "uri": uri, "user_agent": self.browser, "status_code": status,
            "status_msg": "OK" if status == 200 else "Not Found", "resp_mime_types": ["text/html"],
        }  # fmt: skip
        flow = Flow(self.address, self.web.host.address, 80, size, intrusion.rng.randrange(800, 9000), 0.4, "http")
        with intrusion.step(step, technique, self.web, "-"):
            intrusion.world.gateway.http(intrusion.now, flow, request)
        intrusion.now += intrusion.rng.uniform(0.3, 2)


def _probe(visitor: _Visitor) -> None:
    rng = visitor.intrusion.rng
    for _ in range(rng.randint(6, 25)):
        found = rng.random() < 0.2
        uri = fill(rng.choice(words("web", "pages" if found else "probes")), {}, rng)
        visitor.request("reconnaissance", "T1595.003", "GET", uri, 420, 200 if found else 404)
        visitor.intrusion.now += rng.uniform(0, 4)
    visitor.intrusion.pause()


def _go_inside(visitor: _Visitor, seat: Seat, uri: str) -> None:
    intrusion, rng = visitor.intrusion, visitor.intrusion.rng
    start = intrusion.now
    visitor.request("execution", "T1505.003", "POST", uri, 900)
    dropped = intrusion.do("command-and-control", "tool_drop", seat)
    implant = Seat(seat.machine, dropped.process, seat.logon)
    intrusion.do("defence-evasion", "evasion", implant)
    intrusion.several("credential-access", "credentials", implant, 1, 2)
    intrusion.do("command-and-control", "tunnel", implant)
    account = rng.choice((intrusion.admin(), intrusion.world.company.service("deployment")))
    for target in intrusion.servers("database", "file-server", "deployment")[: rng.randint(1, 2)]:
        name = word(rng)
        errand = Errand(account, "cmd.exe /c whoami & hostname", name, program(f"C:\\Windows\\{name}.exe"), ntlm=rng.random() < 0.6)
        there = intrusion.settle(intrusion.move(rng.choice(remote.WAYS[:4]), implant, target, errand))
        intrusion.several("discovery", "discovery", there, 2, 3)
        intrusion.do("collection", "collection", there)
    intrusion.do("persistence", "persistence", implant)
    intrusion.upload(implant, intrusion.control, rng.randrange(40, 400) * 1_000_000)
    if rng.random() < 0.6:
        intrusion.do("defence-evasion", "cleanup", implant)
    intrusion.beacon(implant, start + 40, intrusion.now, rng.randint(10, 22))
