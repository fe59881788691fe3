"""Company: hosts, people and accounts of the range, drawn from a seed. Owns who and what there is; what they do stands elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from watchkeeper.cyberrange.tables import entries, words


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, or a service, with an account in the domain."""

    account: str
    """Account name as written in events."""
    name: str
    """First and last name; for a service account what it serves."""
    department: str
    sid: str
    admin: bool = False
    """Holds administrative rights on servers and workstations."""


@dataclass(frozen=True, slots=True)
class Host:
    """A Windows machine of the company."""

    name: str
    """Name without domain, upper case."""
    role: str
    address: str
    owner: Person | None
    """Who works at it; none for a server."""
    criticality: int
    protected: bool

    @property
    def server(self) -> bool:
        """Whether it is anything but a workstation."""
        return self.role != "workstation"


@dataclass(frozen=True, slots=True)
class Company:
    """One small company, the same for the same seed."""

    domain: str
    """NetBIOS name, upper case."""
    dns: str
    """DNS name of the domain."""
    sid: str
    hosts: tuple[Host, ...]
    people: tuple[Person, ...]
    """Everybody with a desk, administrators included."""
    services: tuple[Person, ...]
    """Service accounts."""

    def having(self, role: str) -> tuple[Host, ...]:
        """Give the hosts of that role."""
        return tuple(host for host in self.hosts if host.role == role)

    def desk(self, person: Person) -> Host:
        """Give the workstation of that person."""
        return next(host for host in self.hosts if host.owner == person)

    def staff(self, *departments: str) -> tuple[Person, ...]:
        """Give the people of these departments; of all of them when none is named."""
        return tuple(person for person in self.people if not departments or person.department in departments)

    def sid_of(self, account: str) -> str:
        """Give the security identifier of an account; machine accounts and strangers get one made from their name."""
        for person in (*self.people, *self.services):
            if person.account == account:
                return person.sid
        return f"{self.sid}-{2000 + sum(account.encode()) % 4000}"

    def service(self, duty: str) -> Person:
        """Give the service account with that duty."""
        return next(person for person in self.services if person.department == duty)


def found(rng: Random, hosts: int) -> Company:
    """Draw a company of about that many hosts; servers come first, the rest are workstations with one owner each.

    Raises:
        ValueError: so many people have no names.
    """
    name = rng.choice(words("names", "companies"))
    sid = f"S-1-5-21-{rng.randrange(10**9, 4 * 10**9)}-{rng.randrange(10**9, 4 * 10**9)}-{rng.randrange(10**9, 4 * 10**9)}"
    net = f"10.{rng.randrange(10, 220)}"
    servers = _servers(rng, net)
    people = _people(rng, sid, max(8, hosts - len(servers)))
    services = tuple(
        Person(str(entry["account"]), str(entry["name"]), str(entry["duty"]), f"{sid}-{1600 + number}", admin=bool(entry.get("admin")))
        for number, entry in enumerate(entries("company", "services"))
    )
    return Company(
        domain=name.upper(),
        dns=f"{name}.example",
        sid=sid,
        hosts=(*servers, *_workstations(rng, net, people)),
        people=people,
        services=services,
    )


def _servers(rng: Random, net: str) -> tuple[Host, ...]:
    style = rng.randrange(3)
    last = rng.randrange(10, 40)
    hosts: list[Host] = []
    for number, entry in enumerate(entries("company", "servers")):
        stem, count = str(entry["stem"]), int(str(entry["number"]))
        name = (f"{stem}{count:02d}", f"SRV-{stem}{count}", f"{stem}-{count:02d}")[style]
        subnet = 30 if entry["role"] == "web" else 10
        hosts.append(
            Host(
                name,
                str(entry["role"]),
                f"{net}.{subnet}.{last + 3 * number}",
                None,
                int(str(entry["criticality"])),
                bool(entry.get("protected")),
            )
        )
    return tuple(hosts)


def _people(rng: Random, sid: str, count: int) -> tuple[Person, ...]:
    if count > len(words("names", "first")):
        raise ValueError(f"the range has names for {len(words('names', 'first'))} people, not for {count}; ask for fewer hosts")
    firsts = rng.sample(words("names", "first"), count)
    lasts = rng.sample(words("names", "last"), count)
    style = rng.randrange(3)
    departments = _departments(count)
    people: list[Person] = []
    for number, (first, last, department) in enumerate(zip(firsts, lasts, departments, strict=True)):
        account = (f"{first[0]}{last}", f"{first}.{last}", f"{last}{first[:2]}")[style].lower()
        people.append(Person(account, f"{first} {last}", department, f"{sid}-{1104 + 3 * number}", admin=department == "administration"))
    return tuple(people)


def _departments(count: int) -> Sequence[str]:
    shares = [(str(entry["name"]), int(str(entry["share"]))) for entry in entries("company", "departments")]
    fixed = [name for name, share in shares for _ in range(share)]
    return [fixed[number % len(fixed)] for number in range(count)]


def _workstations(rng: Random, net: str, people: Sequence[Person]) -> tuple[Host, ...]:
    stem = rng.choice(words("names", "workstations"))
    numbers = rng.sample(range(100, 999), len(people))
    addresses = rng.sample(range(20, 250), len(people))
    return tuple(
        Host(
            f"{stem}{number}",
            "workstation",
            f"{net}.20.{last}",
            person,
            3 if person.department in {"management", "administration"} else 2,
            protected=False,
        )
        for person, number, last in zip(people, numbers, addresses, strict=True)
    )
