"""Processes of a Linux host: what one is, and how it ends. Owns telling it from another with its number.

Source: proc(5), `/proc/PID/stat`, fields 3 and 22.
"""

import re
from datetime import UTC, datetime
from pathlib import PurePosixPath

from watchkeeper.response.connectors.commands import obeyed
from watchkeeper.response.connectors.processes import Processes, Running, kill
from watchkeeper.response.connectors.site import Site, Suspect

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


def _end(site: Site, suspect: Suspect, running: Running) -> None:
    obeyed(site.machine, ("sh", "-c", _KILL, "kill", str(suspect.pid), running.mark))


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
            return Running(ticks, started, "\n".join(rest).removesuffix(" (deleted)"))
        case _:
            raise ValueError(f"the host said of the process what cannot be read: {said[:80]!r}")


def _vital(image: str) -> bool:
    return image.rpartition("/")[2] in _VITAL


KILL = kill(Processes(_look, _end, PurePosixPath, _vital))
