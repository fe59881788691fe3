"""What `watchkeeper audit` does. Owns the words; what is compared with what stands in `access.audit`."""

import re
from datetime import UTC, datetime
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from watchkeeper.access.audit import Finding
from watchkeeper.autopilot.audit import accept_log, verify_log
from watchkeeper.autopilot.people import COMMAND_LINE
from watchkeeper.cli.opened import opened
from watchkeeper.cli.plainly import one_of
from watchkeeper.model.audit import Head
from watchkeeper.reporting.harmless import harmless

_HEAD = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})")
_WORDS = {
    "missing": "entry {number} is missing",
    "added": "entry {number} was not written by Watchkeeper",
    "damaged": "entry {number} holds what no entry can",
    "changed": "entry {number} was changed",
    "untied": "entry {number} does not follow the one before it",
    "cut": "the log was cut off: entry {number} and what came after it are gone",
    "rewritten": "entry {number} is not the one that was written: the log was made anew",
    "no anchor": "the signed end of the log is gone (audit.anchor in the state folder): whether it was cut off cannot be said",
    "false anchor": "the signed end of the log was not signed with its key (audit.anchor and audit.key in the state folder)",
}


def verify(kept: str | None, state: Path | None) -> None:
    """Say whether the log is whole."""
    with opened(state) as (_, people):
        checked = verify_log(people.audit, None if kept is None else _head(kept))
    if checked.found is not None:
        typer.echo(f"watchkeeper: {told(checked.found)}; {checked.head.number:,} entries before that are whole", err=True)
        raise typer.Exit(1)
    typer.echo(f"{checked.head.number:,} entries are whole, none was changed, added or cut off")


def listed(tenant: str, limit: int, format: str, state: Path | None) -> None:  # noqa: A002 -- the option's name
    """List entries."""
    table = Table("Number", "Time", "Tenant", "Who", "From", "What", "On", "Outcome", "Note", box=None, pad_edge=False)
    with opened(state) as (_, people):
        one_of("format", format, ("table", "jsonl"))
        for one in people.audit.newest(tenant, limit=limit):
            if format == "jsonl":
                typer.echo(one.model_dump_json())
            told = (one.tenant, one.who, one.address, one.what, one.on, one.outcome, one.note)
            table.add_row(str(one.number), f"{one.time:%Y-%m-%d %H:%M:%S}", *(harmless(text) for text in told))
    if format == "table":
        Console(markup=False).print(table if table.row_count else "nothing was done yet")


def head(state: Path | None) -> None:
    """Write the end of the log."""
    with opened(state) as (_, people):
        end = people.audit.head()
    typer.echo(f"{end.number}:{end.hash}")


def accept(why: str, state: Path | None) -> None:
    """Take the log as it is for whole."""
    with opened(state) as (_, people):
        end = accept_log(people.audit, why, COMMAND_LINE, datetime.now(UTC))
    typer.echo(f"from entry {end.number} on the log is watched again")


def told(found: Finding) -> str:
    """Say what was found in words."""
    return _WORDS[found.damage].format(number=found.number)


def _head(kept: str) -> Head:
    if not (found := _HEAD.fullmatch(kept.strip())):
        raise ValueError(f"{kept[:100]!r} is no end of a log; `watchkeeper audit head` writes one as NUMBER:HASH")
    return Head(number=int(found[1]), hash=found[2])
