"""Processes of a Windows host: what one is, and how it ends. Owns the scripts.

A process that is held open keeps its number, so what was looked at is what is ended. Source: .NET Framework, System.Diagnostics.Process
(`Handle`, `StartTime`, `Kill`, `WaitForExit`); Win32_Process (`ExecutablePath`).
"""

from datetime import UTC, datetime, timedelta
from pathlib import PureWindowsPath
from typing import Annotated

from pydantic import Field

from watchkeeper.model.noun import Noun
from watchkeeper.response.connectors.processes import Processes, Running, kill
from watchkeeper.response.connectors.site import Site, Suspect
from watchkeeper.response.connectors.windows.powershell import asked

_VITAL = frozenset({
    "smss.exe", "csrss.exe", "wininit.exe", "winlogon.exe", "services.exe", "lsass.exe", "lsaiso.exe", "svchost.exe", "dwm.exe",
    "fontdrvhost.exe", "sshd.exe", "msmpeng.exe", "nissrv.exe", "mssense.exe",
})  # fmt: skip
"""The system, its way in for us, and its own defence."""
_SYSTEMS_OWN = ("\\windows\\", "\\program files\\", "\\program files (x86)\\", "\\programdata\\microsoft\\windows defender\\")
"""Folders in which these are; one of the same name elsewhere only looks like it."""
_OPEN = """
function Find-Process { Get-Process -Id $told.pid -ErrorAction SilentlyContinue }
$process = Find-Process
if ($null -eq $process) { Answer @{ ticks = ''; image = '' }; exit 0 }
$handle = $process.Handle
$start = $process.StartTime
if ($null -eq $handle -or $null -eq $start) {
  if ($null -eq (Find-Process)) { Answer @{ ticks = ''; image = '' }; exit 0 }
  throw 'Windows does not let an administrator open it'
}
$ticks = [string]$start.ToUniversalTime().Ticks
"""
"""A property that cannot be read is nothing to PowerShell, not an error."""
LOOK = f"""{_OPEN}
$listed = Get-CimInstance -ClassName Win32_Process -Filter ('ProcessId = ' + [int]$told.pid)
$image = ''
if ($null -ne $listed -and $null -ne $listed.ExecutablePath) {{ $image = [string]$listed.ExecutablePath }}
if ($process.HasExited) {{ $ticks = '' }}
Answer @{{ ticks = $ticks; image = $image }}
"""
END = f"""{_OPEN}
if ($ticks -cne $told.ticks) {{ throw 'its number is not its own any more' }}
if (-not $process.HasExited) {{ $process.Kill() }}
if (-not $process.WaitForExit(5000)) {{ throw 'it is still there after five seconds' }}
Answer @{{ ticks = ''; image = '' }}
"""
"""Looks at the start once more, in the process that it ends."""


class Found(Noun):
    """A process as the host tells of it."""

    ticks: Annotated[str, Field(pattern=r"^[0-9]{0,19}$")]
    """When it started, in 100 nanoseconds since the year 1, UTC; empty if there is none."""
    image: Annotated[str, Field(max_length=33_000)]
    """Path of its program; empty for what has none, and for what hides it."""


def _look(site: Site, suspect: Suspect) -> Running | None:
    found = asked(site, LOOK, {"pid": suspect.pid}, Found)
    if not found.ticks:
        return None
    try:
        started = datetime.min.replace(tzinfo=UTC) + timedelta(microseconds=int(found.ticks) // 10)
    except OverflowError as error:
        raise ValueError(f"{site.host!r} says that process {suspect.pid} started at {found.ticks!r}, which is no time") from error
    return Running(found.ticks, started, found.image)


def _end(site: Site, suspect: Suspect, running: Running) -> None:
    asked(site, END, {"pid": suspect.pid, "ticks": running.mark}, Found)


def _vital(image: str) -> bool:
    path = PureWindowsPath(image.lower())
    return path.name in _VITAL and (not path.is_absolute() or str(path)[2:].startswith(_SYSTEMS_OWN))


KILL = kill(Processes(_look, _end, PureWindowsPath, _vital))
