"""Ending a process on a Linux host, if it still is the one that the evidence shows. Owns telling it from another with its number.

Source: proc(5), `/proc/PID/stat`, fields 3 and 22.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from watchkeeper.model.means import Job
from watchkeeper.model.proposal import Done, Seen
from watchkeeper.response.connectors.commands import obeyed
from watchkeeper.response.connectors.site import Site, Suspect, Way, suspect_of

_CLOCK = timedelta(seconds=2)
"""How far the start that the kernel tells and the time of an event on the same host may lie apart."""
_VITAL = frozenset({"systemd", "init", "sshd", "dbus-daemon", "dockerd", "containerd"})
_LOOK = """
state() { set -- $(tr '\\n' ' ' 2>/dev/null <"/proc/$1/stat" | sed 's/.*) //'); echo "${1-} ${20-}"; }
"""
_READ = f"""exec 2>/dev/null{_LOOK}
set -- "$1" $(state "$1")
[ -n "${{2-}}" ] || exit 0
printf '%s\\n%s\\n%s\\n%s\\n' "$2" "$3" "$(getconf CLK_TCK)" "$(sed -n 's/^btime //p' /proc/stat)"
readlink "/proc/$1/exe" || true
"""
_KILL = f"""{_LOOK}
set -- "$1" "$2" $(state "$1")
[ "${{4-}}" = "$2" ] || {{ echo 'its number is not its own any more' >&2; exit 1; }}
kill -KILL "$1"
for _ in 1 2 3 4 5 6 7 8 9 10; do
  set -- "$1" "$2" $(state "$1")
  {{ [ "${{4-}}" = "$2" ] && [ "$3" != Z ]; }} || exit 0
  sleep 0.2
done
echo 'it is still there after two seconds' >&2
exit 1
"""
"""Looks at the start once more right before it ends the process: its number may have become another's since."""


@dataclass(frozen=True, slots=True)
class Running:
    """A process as the host has it."""

    ticks: int
    """When it started, in the kernel's own count."""
    started: datetime
    """When it started, UTC."""
    image: str
    """Path of its program; empty for what has none, such as the kernel's own."""

    def is_another(self, suspect: Suspect) -> bool:
        """Say whether it started after the suspect was seen, and so is another one with its number."""
        return self.started > suspect.seen + _CLOCK

    def has_other_program(self, suspect: Suspect) -> bool:
        """Say whether it runs something else than the suspect did."""
        return self.image != suspect.image if suspect.image else self.image.rpartition("/")[2].lower() != suspect.name


def _end(site: Site, job: Job) -> Done:
    suspect = suspect_of(job)
    running = _look(site, suspect)
    spoken = f"{suspect.name} ({suspect.pid}) on {site.host}"
    if running is None or running.is_another(suspect):
        return Done(said=f"{spoken} had ended by itself")
    if running.has_other_program(suspect):
        raise ValueError(f"{spoken} is not ended: that number runs {running.image or 'a part of the kernel'!r} now")
    if running.image.rpartition("/")[2] in _VITAL:
        raise ValueError(f"{spoken} is not ended: the host would be lost with it")
    obeyed(site.machine, ("sh", "-c", _KILL, "kill", str(suspect.pid), str(running.ticks)))
    return Done(said=f"{spoken} was ended", reference=f"{suspect.pid} {running.ticks}")


def _check(site: Site, job: Job) -> Seen:
    suspect = suspect_of(job)
    running = _look(site, suspect)
    there = running is not None and not running.is_another(suspect)
    said = f"{suspect.name} ({suspect.pid}) on {site.host} {'runs still' if there else 'does not run'}"
    return Seen(where="target", outcome="not-in-force" if there else "in-force", time=datetime.now(UTC), said=said)


def _look(site: Site, suspect: Suspect) -> Running | None:
    """Give the process with this number; none if there is none, or only what is left until its parent has looked."""
    said = obeyed(site.machine, ("sh", "-c", _READ, "look", str(suspect.pid))).decode("utf-8", "replace")
    return read(said)


def read(said: str) -> Running | None:
    """Read what the host said of a process.

    Raises:
        ValueError: it is not what was asked for.
    """
    if not said:
        return None
    match said.rstrip("\n").split("\n"):
        case ["Z" | "X", *_]:
            return None
        case [str(), ticks, hertz, boot, *rest] if all(re.fullmatch(r"[0-9]{1,20}", one) for one in (ticks, hertz, boot)) and int(hertz):
            started = datetime.fromtimestamp(int(boot) + int(ticks) / int(hertz), UTC)
            return Running(int(ticks), started, "\n".join(rest).removesuffix(" (deleted)"))
        case _:
            raise ValueError(f"the host said of the process what cannot be read: {said[:80]!r}")


KILL = Way(_end, None, _check)
