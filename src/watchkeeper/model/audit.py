"""Audit log: what was done, by whom, and how entries hang together. Owns the shapes and the hash, not the keeping."""

import hashlib
import json
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field

from watchkeeper.model.noun import Noun
from watchkeeper.model.principal import Principal

Outcome = Literal["done", "refused", "failed"]
"""It was done; whoever asked may not, or was not believed; it was tried and did not work."""
BEGINNING = "0" * 64
"""What stands in the place of a hash before the first entry."""


class Happened(Noun):
    """Something that has to be told later, whoever asks."""

    time: AwareDatetime
    """When, UTC, to the microsecond."""
    tenant: str
    """Tenant that it is about; `*` for what is about every tenant."""
    who: str
    """Login of the user, name of the API token, or `command line`."""
    address: str = ""
    """Address that it came from; empty for the command line."""
    what: str
    """What was done, in a few words that never change, such as `token made`."""
    on: str = ""
    """What it was done to: a name or an id."""
    outcome: Outcome = "done"
    """What came of it."""
    note: str = ""
    """What else is worth knowing; never a secret."""

    @classmethod
    def by(cls, who: Principal, time: datetime, what: str, on: str = "", note: str = "") -> "Happened":
        """Say that somebody did something, in the tenant that they ask about."""
        return Happened(time=time, tenant=who.tenant, who=who.name, address=who.address, what=what, on=on, note=note)


class AuditEntry(Happened):
    """One entry of the log, tied to the one before it."""

    number: Annotated[int, Field(ge=1)]
    """Its place, from 1, without a gap."""
    previous: str
    """Hash of the entry before it; 64 zeros for the first."""
    hash: str
    """SHA-256 of everything above, as canonical JSON: 64 hex digits."""

    @classmethod
    def after(cls, number: int, previous: str, happened: Happened) -> Self:
        """Make the entry that comes after the one with such a number and hash."""
        told = happened.model_dump(mode="json")
        return cls(**happened.model_dump(), number=number + 1, previous=previous, hash=_hash(told, number + 1, previous))

    def is_sound(self) -> bool:
        """Say whether its hash is that of what it says."""
        told = self.model_dump(mode="json", exclude={"number", "previous", "hash"})
        return self.hash == _hash(told, self.number, self.previous)


class Head(Noun):
    """How far the log goes: what must still be there later."""

    number: int
    """Number of the last entry; 0 before the first."""
    hash: str
    """Its hash."""


class Anchor(Noun):
    """The head of the log as it is kept outside the table, signed."""

    held: Head
    """The head that is certainly in the table."""
    coming: Head | None = None
    """The head that was about to be written when this was; it is in the table, or its transaction was given up."""

    def fits(self, head: Head) -> bool:
        """Say whether a table that ends so is whole."""
        return head in (self.held, self.coming)


def _hash(told: dict[str, object], number: int, previous: str) -> str:
    whole = json.dumps({**told, "number": number, "previous": previous}, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(whole.encode("ascii")).hexdigest()
