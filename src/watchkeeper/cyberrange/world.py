"""World: the company at work, one day long. Owns how its parts are put together; who does what stands in `background` and `scenarios`."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from watchkeeper.cyberrange.company import Company, Host, Person, found
from watchkeeper.cyberrange.journal import Journal
from watchkeeper.cyberrange.logons import Domain
from watchkeeper.cyberrange.machine import Machine, Seat
from watchkeeper.cyberrange.traffic import Gateway


@dataclass(frozen=True, slots=True)
class Desk:
    """A person at work: from when to when (seconds since the day began), and their seat."""

    person: Person
    seat: Seat
    start: float
    end: float


@dataclass(slots=True)
class World:
    """Everything that acts and is recorded."""

    seed: int
    company: Company
    journal: Journal
    machines: dict[str, Machine]
    domain: Domain
    gateway: Gateway
    desks: dict[str, Desk]
    """By account; filled as people come to work."""
    later: int = 0
    """How many days after the first this is: the same company at another day's work."""
    returning: Random | None = None
    """Random numbers by which the attacker's infrastructure was drawn on the first day; none on that day."""

    @property
    def seconds(self) -> float:
        """How long the day is."""
        return self.journal.seconds

    def stream(self, name: str) -> Random:
        """Give the random numbers of one actor: what one draws never changes what another does."""
        return Random(f"{self.seed}/{self.later}/{name}" if self.later else f"{self.seed}/{name}")

    def on(self, host: Host) -> Machine:
        """Give the machine of that host."""
        return self.machines[host.name]

    def first(self, role: str) -> Machine:
        """Give the first machine of that role."""
        return self.machines[self.company.having(role)[0].name]

    def day(self, start: float, end: float, gap: float, rng: Random) -> tuple[float, ...]:
        """Draw times between start and end, `gap` seconds apart on average."""
        count = int((end - start) / gap + rng.random())
        return tuple(sorted(rng.uniform(start, end) for _ in range(max(0, count))))


def build(seed: int, hosts: int, hours: float, later: int = 0) -> World:
    """Make the company of that seed so many days later, with its machines running and nobody at work yet."""
    rng = Random(f"{seed}/company")
    company = found(rng, hosts)
    begin = datetime(2025, 1, 6, tzinfo=UTC) + timedelta(days=7 * rng.randrange(60) + rng.randrange(5), hours=rng.choice((6, 7, 8)))
    journal = Journal(begin + timedelta(days=later), hours * 3600, company.dns)
    day = f"{seed}/{later}" if later else f"{seed}"
    machines = {host.name: Machine(host, company, journal, Random(f"{day}/{host.name}")) for host in company.hosts}
    for machine in machines.values():
        machine.start_up()
    controller = machines[company.having("domain-controller")[0].name]
    gateway = Gateway(journal, Random(f"{day}/gateway"), controller.host.address)
    return World(seed, company, journal, machines, Domain(controller, gateway), gateway, {}, later)
