"""Site: one host as an action on it sees it, and the ways that actions go there. Owns what a job says of its host, process and file."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network

from watchkeeper.model.means import Job
from watchkeeper.model.proposal import Done, Seen
from watchkeeper.response.connectors.commands import Machine

_HASHES = {"sha256": 64, "sha1": 40, "md5": 32}


@dataclass(frozen=True, slots=True)
class Site:
    """One host, how it is reached, and what the place says of it."""

    host: str
    """Its name in telemetry."""
    machine: Machine
    """How commands get there."""
    responders: tuple[IPv4Network | IPv6Network, ...]
    """Who still reaches it when it is isolated."""
    quarantine: str
    """Folder on it for files out of reach."""
    evidence: str
    """Folder here for what was collected from it."""


@dataclass(frozen=True, slots=True)
class Way:
    """How one action is done, taken back and looked at on one kind of system."""

    do: Callable[[Site, Job], Done]
    undo: Callable[[Site, Job], Done] | None
    check: Callable[[Site, Job], Seen]


@dataclass(frozen=True, slots=True)
class Suspect:
    """A process as the evidence has it."""

    pid: int
    """Its number, which the system gives to another one when it is gone."""
    name: str
    """File name of its program, in lower case."""
    image: str
    """Whole path of its program; empty if no event says it."""
    seen: datetime
    """When it was seen to run: whatever started later under its number is another one."""


def host_of(job: Job) -> str:
    """Give the host that a job acts on.

    Raises:
        ValueError: it acts on several things, or on none on a host.
    """
    if len(job.targets) != 1:
        raise ValueError(f"an action on a host is for one thing at a time, not {len(job.targets)}")
    (target,) = job.targets
    named = target.value if target.kind == "host" else target.value.partition(":")[0]
    if job.arguments.get("host", named) != named:
        raise ValueError(f"the target is on {named!r} and the arguments say {job.arguments['host']!r}; ask for it again")
    return named


def part_of(job: Job) -> str:
    """Give what on the host a job acts on: what stands after the host's name."""
    return job.targets[0].value.partition(":")[2]


def suspect_of(job: Job) -> Suspect:
    """Give the process that a job acts on.

    Raises:
        ValueError: too little is known of it to tell it from another one with its number.
    """
    pid, _, name = part_of(job).partition(" ")
    started = job.arguments.get("started", "")
    if not (pid.isascii() and pid.isdecimal() and name) or job.arguments.get("pid", pid) != pid:
        raise ValueError(f"{job.targets[0].value[:120]!r} names no process; it is HOST:PID NAME")
    if int(pid) < 2:
        raise ValueError(f"process {pid} is the system itself and is never ended")
    try:
        seen = datetime.fromisoformat(started)
    except ValueError as error:
        raise ValueError(f"`started` is {started[:40]!r}; without a time the number {pid} may be another one's by now") from error
    if seen.tzinfo is None:
        raise ValueError(f"`started` is {started!r}, which has no zone; write it in UTC")
    return Suspect(int(pid), name.lower(), job.arguments.get("image", ""), seen)


def hash_of(job: Job) -> tuple[str, str] | None:
    """Give which hash the evidence has of a file, the strongest, and its digits; none if it has none."""
    for kind, digits in _HASHES.items():
        found = job.arguments.get(kind, "").lower()
        if found:
            if len(found) != digits or not all(c in "0123456789abcdef" for c in found):
                raise ValueError(f"{kind} of the evidence is {found[:80]!r}, which has not the form of one")
            return kind, found
    return None
