"""Moving a file on a host out of reach and back. Owns what is said of it; each system tells which paths it has and how a file moves."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Literal

from watchkeeper.model.means import Job
from watchkeeper.model.proposal import Done, Seen
from watchkeeper.response.connectors.site import Site, Way, hash_of

Step = Literal["do", "undo", "check"]
AGAIN, NOTHING, HELD, THERE = "again", "nothing", "held", "there"
"""What a host answers beside paths and hashes: it is in quarantine already; nothing to bring back; in quarantine; a file at its place."""


@dataclass(frozen=True, slots=True)
class File:
    """One file on a host, and what moving it there has to know."""

    path: str
    """Whole path of it."""
    store: str
    """Folder for files out of reach."""
    key: str
    """Key of the job, by which the file is found in that folder."""
    kind: str
    """Which hash the evidence has of it; empty if none."""
    wanted: str
    """Digits of that hash."""


@dataclass(frozen=True, slots=True)
class Files:
    """How files move on one kind of system."""

    path: Callable[[Job], str]
    """Gives the path that a job acts on, or raises ValueError."""
    ask: Callable[[Site, File, Step], str]
    """Has a step done. To do: where it was moved, or AGAIN; to undo: its SHA-256, or NOTHING; to check: HELD and THERE, as they apply."""


def quarantine(system: Files) -> Way:
    """Give how a file goes out of reach on one kind of system."""
    return Way(partial(_move, system), partial(_back, system), partial(_check, system))


def _move(system: Files, site: Site, job: Job) -> Done:
    path, said = _asked(system, site, job, "do")
    if said == AGAIN:
        return Done(said=f"{path!r} on {site.host} is in quarantine, as before")
    return Done(said=f"{path!r} on {site.host} was moved to {said!r}", reference=said[:500])


def _back(system: Files, site: Site, job: Job) -> Done:
    path, said = _asked(system, site, job, "undo")
    what = "was not in quarantine" if said == NOTHING else f"is back, unchanged (sha256 {said})"
    return Done(said=f"{path!r} on {site.host} {what}")


def _check(system: Files, site: Site, job: Job) -> Seen:
    path, said = _asked(system, site, job, "check")
    found = said.split()
    where, what = "in" if HELD in found else "not in", "a" if THERE in found else "no"
    said = f"{path!r} on {site.host} is {where} quarantine, and {what} file is there"
    outcome = "in-force" if found == [HELD] else "not-in-force"
    return Seen(where="target", outcome=outcome, time=datetime.now(UTC), said=said[:2_000])


def _asked(system: Files, site: Site, job: Job, step: Step) -> tuple[str, str]:
    path = system.path(job)
    kind, wanted = hash_of(job) or ("", "")
    return path, system.ask(site, File(path, site.quarantine, job.key, kind, wanted), step)
