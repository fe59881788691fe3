"""Servers: customers visit the shop, domain controllers replicate, backups run, mail comes and goes. Owns what servers do for others."""

from random import Random

from watchkeeper.cyberrange import directory, logons
from watchkeeper.cyberrange.logons import Origin, Share
from watchkeeper.cyberrange.machine import Seat
from watchkeeper.cyberrange.recipe import play as play_recipe
from watchkeeper.cyberrange.tables import fill, words
from watchkeeper.cyberrange.traffic import Flow, agent, stranger
from watchkeeper.cyberrange.world import World


def play(world: World) -> None:
    """Play the day of the web server, the domain controllers, the backup and the mail server."""
    _shop(world, world.stream("shop"))
    _replication(world, world.stream("replication"))
    _backup(world, world.stream("backup"))
    _mail(world, world.stream("mail"))


def _shop(world: World, rng: Random) -> None:
    web = world.first("web")
    visitors = [stranger(rng).address for _ in range(60)]
    for when in world.day(0, world.seconds, 22, rng):
        kind = rng.choices(("browser", "crawler", "tool"), (12, 3, 1))[0]
        probing = kind == "tool" and rng.random() < 0.7
        uri = fill(rng.choice(words("web", "probes" if probing else "pages")), {}, rng)
        posted = "upload" in uri or "login" in uri
        status = 404 if probing else 200
        request = {
            "method": "POST" if posted else "GET", "host": f"shop.{world.company.dns}", "uri": uri, "user_agent": agent(rng, kind),
            "status_code": status, "status_msg": "OK" if status == 200 else "Not Found", "resp_mime_types": ["text/html"],
        }  # fmt: skip
        flow = Flow(
            rng.choice(visitors),
            web.host.address,
            80,
            rng.randrange(500, 9000 if posted else 900),
            rng.randrange(900, 60_000),
            rng.uniform(0.05, 2),
            "http",
        )
        world.gateway.http(when, flow, request)


def _replication(world: World, rng: Random) -> None:
    first, second = (world.on(host) for host in world.company.having("domain-controller"))
    for when in world.day(0, world.seconds, 900, rng):
        logon = logons.over_network(world.domain, first, None, Origin(second.host.address, second.host.name), when)
        directory.replicated(first, logon, when + 0.1)
        logons.off(first, logon, when + 5)


def _backup(world: World, rng: Random) -> None:
    machine = world.first("backup")
    account = world.company.service("backup")
    for when in world.day(0, world.seconds, 3600, rng):
        target = rng.choice([world.first(role) for role in ("file-server", "database", "mail")])
        origin = Origin(machine.host.address, machine.host.name)
        logon = logons.over_network(world.domain, target, account, origin, when)
        logons.open_share(target, Share("C$", logon, origin), when + 0.2)
        logons.off(target, logon, when + 400)
        play_recipe(world, Seat(machine, machine.boot["svchost"], machine.system), [
            {"start": "sevenzip", "command": '"<image>" a -t7z -mx=1 E:\\vault\\<word>.7z E:\\stage\\', "life": 200, "stay": True},
            {"file": "E:\\vault\\<word>.7z"}, {"delete": "E:\\stage\\<word>.bak"},
        ], when + 10)  # fmt: skip


def _mail(world: World, rng: Random) -> None:
    server = world.first("mail").host.address
    for when in world.day(0, world.seconds, 70, rng):
        inbound = rng.random() < 0.6
        outside = stranger(rng).address
        flow = (outside, server) if inbound else (server, outside)
        world.gateway.flow(when, Flow(*flow, 25, rng.randrange(2000, 400_000), 900, rng.uniform(0.5, 6), "smtp"))
