"""PowerShell: how a script and what it is told reach a Windows host over SSH, and how its answer comes back. Owns no script of an action.

The command line has the same harmless letters each time, whatever shell reads it; the script goes in by standard input, and what it is told
is data in it: base64 of JSON, never code. Source: about_PowerShell_exe, 5.1 (`-EncodedCommand`); about_Automatic_Variables (`$input`).
"""

import json
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import TypeVar

from watchkeeper.model.noun import Noun
from watchkeeper.response.connectors.commands import obeyed
from watchkeeper.response.connectors.site import Site

Told = Mapping[str, "str | int | list[str] | list[Mapping[str, str | list[str]]]"]
"""What a script is told, by name; it reads it as `$told.NAME`."""
_Answer = TypeVar("_Answer", bound=Noun)
# Progress would be told to standard error, as XML. The program reads standard input into `$input` by itself, so nothing else may read it.
_READ = """$ProgressPreference = 'SilentlyContinue'
& ([scriptblock]::Create((@($input) -join "`n")))
"""
_FRAME = """$told = '{told}'
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
Set-StrictMode -Version 2
function Answer($what) {{
  $text = [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes((ConvertTo-Json -InputObject $what -Compress -Depth 5)))
  [Console]::Out.WriteLine($told.token + ' ' + $text)
}}
try {{
$told = ConvertFrom-Json -InputObject ([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($told)))
{script}
}} catch {{
  $why = [Text.Encoding]::UTF8.GetBytes($_.Exception.GetBaseException().Message)
  [Console]::OpenStandardError().Write($why, 0, $why.Length)
  exit 1
}}
"""


def asked(site: Site, script: str, told: Told, answer: type[_Answer]) -> _Answer:
    """Have a script done on a host, and give what it answered.

    Raises:
        OSError: as `commands.run`.
        ValueError: the script refused, the message holds why; or what came back is not what was asked for.
    """
    token = secrets.token_hex(8)
    given = script_of(script, {**told, "token": token}).encode("ascii")
    # An administrator has the rights already, and Windows has no word that commands with rights begin with.
    said = obeyed(site.machine, ("powershell.exe", *arguments(_READ)), given, rights=False)
    return read(said, token, answer)


def script_of(script: str, told: Told) -> str:
    """Give a script with what it is told and what all scripts begin and end with; ASCII."""
    return _FRAME.format(told=b64encode(json.dumps(told).encode()).decode(), script=script.strip())


def arguments(script: str) -> tuple[str, ...]:
    """Give the words after the program's name that have it run a script."""
    return ("-NoProfile", "-NonInteractive", "-EncodedCommand", b64encode(script.encode("utf-16-le")).decode())


def read(said: bytes, token: str, answer: type[_Answer]) -> _Answer:
    """Read what a script answered: the line that begins with its token; whatever else a shell there may say is no answer.

    Raises:
        ValueError: there is no such line, or it holds something else.
    """
    lines = (line.strip().partition(" ") for line in said.decode("ascii", "replace").splitlines())
    text = next((text for begun, _, text in lines if begun == token), "")
    try:
        return answer.model_validate_json(b64decode(text, validate=True))
    except ValueError as error:
        raise ValueError(f"the host answered what cannot be read: {said[:80]!r}") from error
