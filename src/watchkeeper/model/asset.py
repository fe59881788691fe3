"""Asset: a host, account or service and what it means to the organisation. Owns the shape; `assets/` reads or learns them."""

from typing import Annotated, Literal

from pydantic import Field

from watchkeeper.model.asset_role import AssetRole
from watchkeeper.model.noun import Noun

Scheme = Literal["deb", "rpm", "semver", "pep440", "plain"]
"""Orders of versions: Debian's and RPM's packages, Semantic Versioning, PEP 440, numbers with points."""


class Software(Noun):
    """A program or package that is installed."""

    name: Annotated[str, Field(min_length=1, max_length=500)]
    """What its maker or the package manager calls it."""
    vendor: Annotated[str, Field(max_length=500)] = ""
    """Who makes it; empty if nobody said."""
    version: Annotated[str, Field(max_length=200)] = ""
    """As it is written; empty if nobody said."""
    counted: Scheme = "plain"
    """How its versions are ordered."""
    cpe: Annotated[str, Field(max_length=1000)] = ""
    """Its CPE 2.3 name; empty if nobody said."""
    purl: Annotated[str, Field(max_length=1000)] = ""
    """Its package URL; empty if nobody said."""

    def __hash__(self) -> int:
        """Hash what tells programs apart."""
        return hash((self.name, self.vendor, self.version, self.cpe, self.purl))


class Own(Noun):
    """What an organisation calls its own beside single assets: nothing in it is ever matched by intelligence."""

    networks: tuple[str, ...] = ()
    """Networks as `192.0.2.0/24`."""
    domains: tuple[str, ...] = ()
    """Domains, with everything under them."""


class Asset(Noun):
    """Something the organisation owns."""

    name: Annotated[str, Field(min_length=1)]
    """Host or account name, lower case; without domain, unless several domains have an account of that name."""
    owner: str = ""
    """Person or team to be told; empty if nobody is on record."""
    role: AssetRole = ""
    """What it does, by its one name, such as `domain-controller`, `web-server`, `workstation`; empty if unknown."""
    criticality: Annotated[int, Field(ge=1, le=5)] = 2
    """1 (spare) to 5 (the business stops)."""
    protected: bool = False
    """Never acted on without two people."""
    addresses: tuple[str, ...] = ()
    """Network addresses it is known by, canonical form."""
    exposed: bool = False
    """Reachable from outside the organisation, as a person says."""
    software: tuple[Software, ...] = ()
    """What is installed on it, as a person or an inventory says."""
    names: tuple[str, ...] = ()
    """Other names of an account, as events state them: with its domain, UPN, SID."""
    learnt: bool = True
    """Guessed from the data, not told by a person."""
