"""Moving a file on a Windows host out of reach and back: where SYSTEM and administrators alone get, under its hash and the key of its job.

Whoever knows a path opens a file whatever its folder allows (users may pass through folders), so the file's own access is taken away, too,
and brought back. Nothing on the way to a file can be renamed while the file is open: it is held open while the way is looked at.
Source: .NET Framework, System.IO.File (`Move` never overwrites), `FileShare`; System.Security.AccessControl; "Naming Files, Paths, and
Namespaces" (names that are none).
"""

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from watchkeeper.model.means import Job
from watchkeeper.model.noun import Noun
from watchkeeper.response.connectors.quarantine import File, Files, Step, quarantine
from watchkeeper.response.connectors.site import Site, part_of
from watchkeeper.response.connectors.windows.powershell import asked

_PATH = re.compile(r'[A-Za-z]:(\\[^\\/:*?"<>|]*[^\\/:*?"<>|. ])+')
_DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])( *\..*)?", re.IGNORECASE)
_LONGEST = 240
"""Characters of a path, of the 259 that programs without long paths open."""
_ENTER = """
$store = $told.store
$half = [IO.Path]::Combine($store, 'incoming.' + $told.key)
$note = [IO.Path]::Combine($store, $told.key + '.access')
$ours = 'S-1-5-18', 'S-1-5-32-544'
$alone = 'O:BAG:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)'
$closed = 'D:P(A;;FA;;;SY)(A;;FA;;;BA)'

function Find-Held {
  if (-not [IO.Directory]::Exists($store)) { return }
  foreach ($one in [IO.Directory]::GetFiles($store, '*.' + $told.key)) { if ($one -ne $half) { return $one } }
}
function Test-Link($path) { ([int][IO.File]::GetAttributes($path) -band [int][IO.FileAttributes]::ReparsePoint) -ne 0 }
function Confirm-Way($path) {
  for ($one = [IO.Path]::GetDirectoryName($path); $one; $one = [IO.Path]::GetDirectoryName($one)) {
    if (-not [IO.Directory]::Exists($one)) { throw 'there is no such folder' }
    if (Test-Link $one) { throw 'there is a link on the way to it' }
  }
}
function Open-Held($path) { [IO.File]::Open($path, [IO.FileMode]::Open, [IO.FileAccess]::Read, [IO.FileShare]'Read, Delete') }
function Get-Digits($stream, $kind) {
  $stream.Position = 0
  $maker = New-Object -TypeName ('Security.Cryptography.' + $kind.ToUpperInvariant() + 'CryptoServiceProvider')
  [BitConverter]::ToString($maker.ComputeHash($stream)).Replace('-', '').ToLowerInvariant()
}
function Get-HeldDigits($path) {
  $stream = Open-Held $path
  try { Get-Digits $stream 'sha256' } finally { $stream.Dispose() }
}
function Set-Access($path, $sddl) {
  $access = New-Object -TypeName Security.AccessControl.FileSecurity
  $access.SetSecurityDescriptorSddlForm($sddl, [Security.AccessControl.AccessControlSections]::Access)
  [IO.File]::SetAccessControl($path, $access)
}
function Read-Note { if ([IO.File]::Exists($note)) { [IO.File]::ReadAllText($note).Split([char[]]' ', 2) } }
"""
_DO = """
function Confirm-Store {
  if (-not [IO.Directory]::Exists($store)) {
    $access = New-Object -TypeName Security.AccessControl.DirectorySecurity
    $access.SetSecurityDescriptorSddlForm($alone)
    $null = [IO.Directory]::CreateDirectory($store, $access)
  }
  Confirm-Way $note
  $access = [IO.Directory]::GetAccessControl($store)
  $sid = [Security.Principal.SecurityIdentifier]
  $others = @($access.GetAccessRules($true, $true, $sid) | Where-Object { $ours -notcontains $_.IdentityReference.Value })
  if (-not $access.AreAccessRulesProtected -or $others.Count -ne 0 -or $ours -notcontains $access.GetOwner($sid).Value) {
    throw ($store + ' is not a folder of administrators alone')
  }
}
function Move-In {
  if (-not [IO.File]::Exists($told.path)) { throw 'there is no such file' }
  $stream = Open-Held $told.path
  try {
    Confirm-Way $told.path
    if (Test-Link $told.path) { throw 'it is a link, or stands for a file elsewhere' }
    if ($told.kind -and (Get-Digits $stream $told.kind) -cne $told.wanted) {
      throw ('its ' + $told.kind + ' is not that of the evidence; it was left there')
    }
    $now = Get-Digits $stream 'sha256'
    $noted = @(Read-Note)
    if ($noted.Count -ne 2 -or $noted[0] -cne $now) {
      $access = [IO.File]::GetAccessControl($told.path, [Security.AccessControl.AccessControlSections]::Access)
      $noted = $now, $access.GetSecurityDescriptorSddlForm([Security.AccessControl.AccessControlSections]::Access)
      [IO.File]::WriteAllText($note, $noted -join ' ')
    }
    Set-Access $told.path $closed
    try { [IO.File]::Move($told.path, $half) }
    catch {
      $failed = $_
      Set-Access $told.path $noted[1]
      throw $failed
    }
  } finally { $stream.Dispose() }
}
if (Find-Held) { Answer @{ said = 'again' }; exit 0 }
Confirm-Store
if (-not [IO.File]::Exists($half)) { Move-In }
$noted = @(Read-Note)
$now = Get-HeldDigits $half
if ((Test-Link $half) -or $noted.Count -ne 2 -or $noted[0] -cne $now) {
  Confirm-Way $told.path
  [IO.File]::Move($half, $told.path)
  if ($noted.Count -eq 2) { Set-Access $told.path $noted[1] }
  throw 'it became something else meanwhile; it was put back'
}
$kept = [IO.Path]::Combine($store, $now + '.' + $told.key)
[IO.File]::Move($half, $kept)
Answer @{ said = $kept }
"""
"""Hashes the file while nobody can write it, and once more where nobody else gets; goes on where it was cut off. Who had access is noted
before it is taken away, and never over a note of the same file, which may have lost it already."""
_UNDO = """
$one = Find-Held
if (-not $one -and [IO.File]::Exists($half)) { $one = $half }
$noted = @(Read-Note)
if ($one) {
  if ($noted.Count -ne 2) { throw ('nobody knows any more what it was and who had access to it; it stays at ' + $one) }
  if ((Get-HeldDigits $one) -cne $noted[0]) { throw ('it was changed since; it stays at ' + $one) }
  Confirm-Way $told.path
  if ([IO.File]::Exists($told.path) -or [IO.Directory]::Exists($told.path)) {
    throw ('there is another file of that name by now; it stays at ' + $one)
  }
  [IO.File]::Move($one, $told.path)
}
if ($noted.Count -ne 2 -or -not [IO.File]::Exists($told.path)) { Answer @{ said = 'nothing' }; exit 0 }
if ((Get-HeldDigits $told.path) -cne $noted[0]) { Answer @{ said = 'nothing' }; exit 0 }
Set-Access $told.path $noted[1]
[IO.File]::Delete($note)
Answer @{ said = $noted[0] }
"""
"""Access comes back last, where what the folder passes on counts again; cut off before that, it goes on by the note and the hash in it."""
_CHECK = """
$found = @()
if (Find-Held) { $found += 'held' }
if ([IO.File]::Exists($told.path) -or [IO.Directory]::Exists($told.path)) { $found += 'there' }
Answer @{ said = $found -join ' ' }
"""
STEPS: Mapping[Step, str] = {"do": _ENTER + _DO, "undo": _ENTER + _UNDO, "check": _ENTER + _CHECK}


class Said(Noun):
    """What a step answered."""

    said: Annotated[str, Field(max_length=1_000, pattern=r"^\P{C}*$")]
    """A path, digits of a hash, or what `quarantine` names."""


def whole(path: str) -> str:
    r"""Give a path as it is, if it is one on a drive of the host that leads to one file and nothing else, such as `C:\stage\x.exe`.

    Raises:
        ValueError: it is not: a share, a device, another stream of a file, a way with detours, too long, or with what does not show.
    """
    if not _PATH.fullmatch(path) or len(path) > _LONGEST or any(_DEVICE.fullmatch(part) for part in path.split("\\")):
        raise ValueError(f"{path[:120]!r} is no whole path without detours; write one such as 'C:\\stage\\x.exe'")
    if not path.isprintable():
        raise ValueError(f"{path[:120]!r} holds what does not show; a person should look at it")
    return path


def _path(job: Job) -> str:
    return whole(part_of(job))


def _ask(site: Site, file: File, step: Step) -> str:
    told = {"path": file.path, "store": file.store, "key": file.key, "kind": file.kind, "wanted": file.wanted}
    return asked(site, STEPS[step], told, Said).said


QUARANTINE = quarantine(Files(_path, _ask))
