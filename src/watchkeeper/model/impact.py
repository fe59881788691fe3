"""Impact and Weaknesses: how far it went, and what was open to it. Owns the shapes alone."""

from watchkeeper.model.entity import Entity
from watchkeeper.model.note import Note
from watchkeeper.model.noun import Noun


class Touched(Noun):
    """One host, account, file or service and how it was touched."""

    entity: Entity
    """What was touched."""
    also: tuple[str, ...] = ()
    """Other names of an account, as events state them: with its domain, UPN, SID."""
    why: tuple[Note, ...]
    """The facts that put it in this set."""
    evidence: tuple[str, ...]
    """Ids of the events that show it."""
    criticality: int
    """How much it matters, 1 (spare) to 5 (the business stops), from assets."""


class Impact(Noun):
    """Three sets with a clear bound: what was touched, probably touched, possibly touched."""

    confirmed: tuple[Touched, ...]
    """An event shows that the attack acted on it."""
    probable: tuple[Touched, ...]
    """The attack held what is needed to act on it, in time."""
    possible: tuple[Touched, ...]
    """It stands beside what was touched; nothing shows more."""
    why: tuple[Note, ...]
    """How the sets were bounded."""


class Weakness(Noun):
    """A program on a host of the incident that has vulnerabilities known to be exploited."""

    host: str
    """Where it is installed."""
    software: str
    """Its name and version."""
    cves: tuple[str, ...]
    """The vulnerabilities, most pressing first."""
    is_affected: bool
    """A list says that this very version is affected; otherwise that is not known."""


class Weaknesses(Noun):
    """What an inventory says was open on the hosts of an incident; no event shows that it was used."""

    items: tuple[Weakness, ...]
    """Most pressing first."""
    source: str
    """Name of the inventory; empty if there is none with software in it."""
