"""The zone of refused names: a response policy zone with the jobs that it is made of. Owns canonical names, reading and writing.

What jobs want stands in comments, from which every record follows; so names that two jobs want stay until both have ended.
Source: draft-vixie-dnsop-dns-rpz, "DNS Response Policy Zones"; RFC 5891 on names in other scripts.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

_FIRST = ";; written by watchkeeper from its jobs; changes by hand are refused and then lost"
_SERIAL_WRAPS = 1 << 32
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_UNSURE = frozenset("ßς\u200c\u200d")
"""What the two standards of names in other scripts turn into different names."""
_SHARED = frozenset({"ac", "co", "com", "edu", "gob", "gov", "gv", "mil", "ne", "net", "nom", "or", "org"})
"""Second labels under which a country gives names to everybody."""
_KEY = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Refused:
    """A name that one job wants refused."""

    job: str
    """Its key."""
    name: str
    """In canonical form."""
    below: bool
    """Whether every name under it is refused too."""
    until: datetime | None
    """When the job ends, UTC; none if it lasts."""


def canonical(text: str) -> str:
    """Give a name in lower case, in ASCII, without the dot at its end.

    Raises:
        ValueError: it is no name, an address, a whole top-level domain, or one under which everybody has names.
    """
    shown = text[:80]
    bare = text.strip().removesuffix(".").lower()
    if _UNSURE & set(bare):
        raise ValueError(f"{shown!r} has letters that are written in two ways; write it in its `xn--` form")
    try:
        name = bare if bare.isascii() else bare.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise ValueError(f"{shown!r} cannot be a name in the DNS; write it as it is asked for, such as 'evil.example'") from error
    labels = name.split(".")
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels) or labels[-1].isdecimal():
        raise ValueError(f"{shown!r} cannot be a name in the DNS; write it as it is asked for, such as 'evil.example'")
    if len(labels) < 2 or (len(labels) == 2 and len(labels[1]) == 2 and labels[0] in _SHARED) or labels[-1] == "arpa":
        raise ValueError(f"{shown!r} is not refused: everybody has names under it")
    return name


def spared_by(refused: Refused, never: Iterable[str]) -> str | None:
    """Give the name that is never refused and would be; none if there is none."""
    for kept in never:
        if refused.name == kept or refused.name.endswith(f".{kept}") or (refused.below and kept.endswith(f".{refused.name}")):
            return kept
    return None


def read(text: str) -> tuple[Refused, ...]:
    """Read what jobs want from a zone; nothing from an empty one.

    Raises:
        ValueError: somebody else wrote it.
    """
    if not text.strip():
        return ()
    if not text.startswith(_FIRST):
        raise ValueError("its first line is not the one that Watchkeeper writes; give it a zone of its own")
    return tuple(_job(line) for line in text.splitlines() if line.startswith(";job "))


def _job(line: str) -> Refused:
    match line.split():
        case [";job", key, ("exact" | "below") as how, until, name] if _KEY.fullmatch(key):
            ends = None if until == "-" else datetime.fromisoformat(until)
            return Refused(key, canonical(name), how == "below", ends)
        case _:
            raise ValueError(f"a line of it is not as Watchkeeper writes it: {line[:80]!r}")


def written(refused: Iterable[Refused], zone: str, now: datetime) -> str:
    """Write the zone: jobs whose time is over are left out."""
    kept = sorted({one for one in refused if one.until is None or one.until > now}, key=lambda one: (one.job, one.name, one.below))
    return "\n".join((_FIRST, *_records(kept, zone, now))) + "\n"


def _records(kept: list[Refused], zone: str, now: datetime) -> Iterator[str]:
    yield "$TTL 60"
    yield f"@ SOA localhost. hostmaster.localhost. {int(now.timestamp()) % _SERIAL_WRAPS} 3600 600 86400 60"
    yield "@ NS localhost."
    for one in kept:
        until = one.until.astimezone(UTC).isoformat() if one.until else "-"
        yield f";job {one.job} {'below' if one.below else 'exact'} {until} {one.name}"
    for job in sorted({one.job for one in kept}):
        yield f'{mark(job, zone)} TXT "in force"'
    names = {one.name for one in kept} | {f"*.{one.name}" for one in kept if one.below}
    yield from (f"{name} CNAME ." for name in sorted(names))


def mark(job: str, zone: str) -> str:
    """Give the name by which the resolver shows that it has loaded a zone with a job."""
    return f"{job}.job.{zone}"
