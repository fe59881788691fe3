"""Ending a process on a host, if it still is the one that the evidence shows. Owns that judgement, not how a system looks and ends."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import PurePath

from watchkeeper.model.means import Job
from watchkeeper.model.proposal import Done, Seen
from watchkeeper.response.connectors.site import Site, Suspect, Way, suspect_of

_CLOCK = timedelta(seconds=2)
"""How far the start that the system tells and the time of an event on the same host may lie apart."""


@dataclass(frozen=True, slots=True)
class Running:
    """A process as the host has it."""

    mark: str
    """When it started, in the system's own count: what tells it from others that have its number before or after it."""
    started: datetime
    """When it started, UTC."""
    image: str
    """Path of its program; empty for what has none, such as the kernel's own."""

    def is_another(self, suspect: Suspect) -> bool:
        """Say whether it started after the suspect was seen, and so is another one with its number."""
        return self.started > suspect.seen + _CLOCK


@dataclass(frozen=True, slots=True)
class Processes:
    """How processes are looked at and ended on one kind of system."""

    look: Callable[[Site, Suspect], Running | None]
    """Gives the process with the suspect's number; none if there is none."""
    end: Callable[[Site, Suspect, Running], None]
    """Ends that process and no other, and waits until it is gone."""
    path: type[PurePath]
    """How paths of programs are written and compared there."""
    vital: Callable[[str], bool]
    """Says of a program's path whether the host would be lost without it."""


def kill(system: Processes) -> Way:
    """Give how a process is ended on one kind of system; that cannot be taken back."""
    return Way(partial(_end, system), None, partial(_check, system))


def _end(system: Processes, site: Site, job: Job) -> Done:
    suspect = suspect_of(job)
    running = system.look(site, suspect)
    spoken = f"{suspect.name} ({suspect.pid}) on {site.host}"
    if running is None or running.is_another(suspect):
        return Done(said=f"{spoken} had ended by itself")
    if _has_other_program(system, running, suspect):
        raise ValueError(f"{spoken} is not ended: that number runs {running.image or 'a part of the kernel'!r} now")
    if system.vital(running.image):
        raise ValueError(f"{spoken} is not ended: the host would be lost with it")
    system.end(site, suspect, running)
    return Done(said=f"{spoken} was ended", reference=f"{suspect.pid} {running.mark}")


def _has_other_program(system: Processes, running: Running, suspect: Suspect) -> bool:
    runs = system.path(running.image)
    return runs != system.path(suspect.image) if suspect.image else runs.name.lower() != suspect.name


def _check(system: Processes, site: Site, job: Job) -> Seen:
    suspect = suspect_of(job)
    running = system.look(site, suspect)
    there = running is not None and not running.is_another(suspect)
    said = f"{suspect.name} ({suspect.pid}) on {site.host} {'runs still' if there else 'does not run'}"
    return Seen(where="target", outcome="not-in-force" if there else "in-force", time=datetime.now(UTC), said=said)
