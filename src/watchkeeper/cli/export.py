"""`watchkeeper export`. Owns writing the file and what is said of it; the formats stand in `autopilot.export`."""

import sys
from pathlib import Path
from typing import cast, get_args

import typer

from watchkeeper.autopilot.export import FORMATS, Asked, Telling, export
from watchkeeper.cli.plainly import one_of, plain_errors
from watchkeeper.cli.written import write_whole
from watchkeeper.model.indicator import Tlp
from watchkeeper.reporting.harmless import harmless
from watchkeeper.settings import read_settings


def run(case: Path, how: str, incident: int | None, out: Path | None, telling: tuple[str, str, str | None]) -> None:
    """Write the export into a file, or to standard output without one; `telling` is organisation, TLP level and language."""
    organisation, tlp, lang = telling
    with plain_errors():
        one_of("format", how, tuple(FORMATS))
        level = cast("Tlp", "" if tlp == "none" else one_of("tlp", tlp, [*filter(None, get_args(Tlp)), "none"]))
        text = export(case, Asked(how, incident, Telling(organisation, level, read_settings(None, lang).language)))
        if out is not None:
            write_whole(out, text.encode())
    if out is None:
        sys.stdout.buffer.write(text.encode())
        sys.stdout.buffer.flush()
    else:
        typer.echo(harmless(f"{how} written to {out}; nothing was sent"))
