"""Asset: a host, account or service and what it means to the organisation. Owns the shape; `assets/` reads or learns them."""

from typing import Annotated

from pydantic import Field

from watchkeeper.model.noun import Noun


class Asset(Noun):
    """Something the organisation owns."""

    name: Annotated[str, Field(min_length=1)]
    """Host or account name, lower case without domain."""
    owner: str = ""
    """Person or team to be told; empty if nobody is on record."""
    role: str = ""
    """What it does, such as `domain-controller`, `mail`, `workstation`; empty if unknown."""
    criticality: Annotated[int, Field(ge=1, le=5)] = 2
    """1 (spare) to 5 (the business stops)."""
    protected: bool = False
    """Never acted on without two people."""
    addresses: tuple[str, ...] = ()
    """Network addresses it is known by, canonical form."""
    learnt: bool = True
    """Guessed from the data, not told by a person."""
