"""`watchkeeper evidence pack`. Owns what is said of the package; the packing is the autopilot's."""

import getpass
from pathlib import Path

import typer

from watchkeeper.autopilot.evidence import Packing, pack
from watchkeeper.cli.content_keys import secret_key
from watchkeeper.cli.content_told import tell
from watchkeeper.cli.plainly import plain_errors
from watchkeeper.settings import read_settings


def run(
    case: Path, out: Path, wanted: tuple[int | None, tuple[Path, ...], str | None], key: Path | None, by: tuple[str | None, str]
) -> None:
    """Pack, and say what is in it, what is not, and whether it is signed."""
    incident, originals, lang = wanted
    with plain_errors():
        signing = secret_key(key) if key else None
        packing = Packing(incident, by[0] or getpass.getuser(), by[1], originals, read_settings(None, lang).language)
        package = pack(case, out, packing, signing)
    tell(f"{package.events:,} events of {package.title!r} in {len(package.members):,} files: {out}")
    if package.missing:
        tell(
            f"{package.missing:,} events of it are not in the package, because the case did not keep them (`--keep all` keeps every event)"
        )
    lost = sum(not original.sha256 for original in package.originals)
    if lost:
        tell(f"{lost:,} of {len(package.originals):,} original files were not found and have no hash; --originals says where they are")
    if signing:
        tell(f"signed with {signing.public.name}")
    else:
        typer.echo("NOT SIGNED: nobody who takes this file can tell that it comes from you; --key signs it", err=True)
