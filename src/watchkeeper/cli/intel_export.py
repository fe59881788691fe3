"""`watchkeeper intel export`. Owns writing the file and what is said of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import cast, get_args

import msgspec
import typer

from watchkeeper.autopilot.sightings import Shared, shared
from watchkeeper.cli.intel_match import looked_back, say
from watchkeeper.cli.plainly import one_of, plain_errors
from watchkeeper.cli.written import write_whole
from watchkeeper.detection.intel.sharing import bundle
from watchkeeper.model.indicator import Tlp
from watchkeeper.reporting.harmless import harmless


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person wants written, and where."""

    out: Path
    organisation: str
    tlp: str
    hosts: bool


def run(cases: Sequence[Path], asked: Asked, only: tuple[str, int | None], assets: Path | None, state: Path | None) -> None:
    """Match, write what may leave, and say what stays."""
    with plain_errors():
        most = cast("Tlp", one_of("tlp", asked.tlp, [level for level in get_args(Tlp) if level]))
        looked = looked_back(cases, only, assets, state)
        leaving = shared(looked.matches, most, hosts=asked.hosts)
        written = bundle(leaving.sighted, asked.organisation, datetime.now(UTC))
        write_whole(asked.out, msgspec.json.format(msgspec.json.encode(written), indent=2))
    say(looked)
    _say(leaving, asked.out)


def _say(leaving: Shared, out: Path) -> None:
    for reason, count in leaving.staying.most_common():
        how = "; `--tlp` lets stricter levels leave" if reason.startswith("TLP") else ""
        typer.echo(harmless(f"{count:,} indicators were seen and stay: {reason}{how}"), err=True)
    if leaving.unmarked:
        typer.echo(f"{leaving.unmarked:,} of those written have no level, because their source gave none", err=True)
    typer.echo(harmless(f"{len(leaving.sighted):,} sightings written to {out}; nothing was sent"))
