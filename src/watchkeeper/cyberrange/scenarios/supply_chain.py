"""Supply chain: a vendor's signed updater brings a foreign library to several machines at once. Owns the order of steps."""

from random import Random

from watchkeeper.cyberrange import remote
from watchkeeper.cyberrange.intrusion import Intrusion, Story, intrude
from watchkeeper.cyberrange.machine import Machine, Seat
from watchkeeper.cyberrange.program import Program, program
from watchkeeper.cyberrange.remote import Errand
from watchkeeper.cyberrange.tables import fill, word
from watchkeeper.cyberrange.world import World


def play(world: World, rng: Random) -> Story:
    """Play the intrusion; its story is returned."""
    intrusion = intrude(world, rng, 24)
    intrusion.known["maker"] = fill("<vendor>", {}, intrusion.owned)
    start = intrusion.now
    machines = [desk.seat.machine for desk in rng.sample(intrusion.at_work(), rng.randint(2, 4))] + intrusion.servers(
        "deployment", "file-server"
    )[: rng.randint(0, 1)]
    seats = [_updated(intrusion, machine) for machine in machines]
    main = seats[0]
    intrusion.begin(main, main.process.image)
    intrusion.several("execution", "updater_child", main, 1, 2)
    intrusion.several("discovery", "discovery", main, 3, 6)
    intrusion.do("defence-evasion", "injection", main)
    intrusion.several("credential-access", "credentials", main, 1, 2)
    intrusion.several("persistence", "persistence", main, 1, 2)
    for target in intrusion.servers("file-server", "database", "mail")[: rng.randint(0, 2)]:
        name = word(rng)
        errand = Errand(intrusion.admin(), "cmd.exe /c ipconfig /all", name, program(f"C:\\Windows\\{name}.exe"), ntlm=rng.random() < 0.5)
        there = intrusion.settle(intrusion.move(rng.choice(remote.WAYS[:4]), main, target, errand))
        intrusion.do("collection", "collection", there)
    intrusion.do("defence-evasion", "evasion", main)
    intrusion.upload(main, intrusion.control, rng.randrange(20, 200) * 1_000_000)
    for number, seat in enumerate(seats):
        intrusion.beacon(seat, start + 300 * (number + 1), intrusion.now, rng.randint(6, 12))
    return intrusion.story


def _updated(intrusion: Intrusion, machine: Machine) -> Seat:
    before = intrusion.now
    maker = intrusion.known["maker"]
    updater = Program(
        f"C:\\Program Files\\{maker}\\Updater\\{maker}Update.exe",
        "",
        f"{maker} Update Service",
        "Update.exe",
        f"{maker} Software Ltd",
        f"{maker} Suite",
        "4.2.17.0",
    )
    with intrusion.step("initial-access", "T1195.002", machine, machine.host.name.lower() + "$"):
        service = machine.start(before, updater, f'"{updater.image}" /svc', machine.boot["services"], machine.system)
    loaded = intrusion.do("execution", "sideload", Seat(machine, service, machine.system))
    intrusion.several("execution", "updater_child", Seat(machine, loaded.process, machine.system), 0, 1)
    intrusion.now = min(intrusion.now, before + intrusion.rng.uniform(30, 240))
    return Seat(machine, loaded.process, machine.system)
