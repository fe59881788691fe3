"""A chain of custody: who did what to evidence, a line each, every line bound to the one before. Owns its lines and their soundness."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

import msgspec

FIRST = "0" * 64
"""What the first line names as the line before."""
MOST_LINES, MOST_BYTES = 10_000, 16 << 20
"""A longer chain is refused."""


class Deed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line: something that was done to the evidence."""

    number: int
    """From 1."""
    time: datetime
    """When, by the clock of the machine it was done on."""
    who: str
    """Who did it; empty if nobody said."""
    machine: str
    """On which machine, by the name a person gave; empty if nobody did."""
    version: str
    """Which version of Watchkeeper did it."""
    did: str
    """What was done, such as `investigated` or `packed`."""
    about: dict[str, str]
    """On what, and how much."""
    previous: str
    """SHA-256 of the bytes of the line before, 64 hex digits."""


def appended(chain: bytes, time: datetime, by: tuple[str, str, str], did: str, about: dict[str, str]) -> bytes:
    """Give the chain with one line more; `by` is who, machine and version. Lines that are there stay as they are.

    Raises:
        ValueError: the chain is not sound.
    """
    number = len(deeds(chain)) + 1
    deed = Deed(number, time, *by, did, about, head(chain))
    return chain + msgspec.json.encode(deed) + b"\n"


def deeds(chain: bytes) -> Sequence[Deed]:
    """Give the lines of a chain.

    Raises:
        ValueError: a line is none, or does not follow from the one before; the message says which.
    """
    if len(chain) > MOST_BYTES or chain.count(b"\n") > MOST_LINES:
        raise ValueError(f"the chain of custody is longer than {MOST_LINES:,} lines or {MOST_BYTES >> 20} MiB")
    if chain and not chain.endswith(b"\n"):
        raise ValueError("the chain of custody breaks off in its last line")
    found: list[Deed] = []
    before = FIRST
    for number, line in enumerate(chain.split(b"\n")[:-1], 1):
        try:
            deed = msgspec.json.decode(line, type=Deed)
        except ValueError as error:
            raise ValueError(f"line {number} of the chain of custody cannot be understood: {error}") from error
        if deed.previous != before or deed.number != number or deed.time.tzinfo is None:
            raise ValueError(
                f"line {number} of the chain of custody does not follow from the line before: one was changed, added or removed"
            )
        before = hashlib.sha256(line).hexdigest()
        found.append(deed)
    return found


def head(chain: bytes) -> str:
    """Give the SHA-256 of a chain's last line: what the next one names, and what a signature over it covers the whole chain by."""
    return hashlib.sha256(chain.split(b"\n")[-2]).hexdigest() if chain else FIRST
