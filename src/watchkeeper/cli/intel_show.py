"""`watchkeeper intel list`, `check` and `remove`. Owns what is said of installed intelligence."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pyarrow.compute
import typer
from rich.console import Console
from rich.table import Table

from watchkeeper.autopilot.intelligence import known_of
from watchkeeper.autopilot.options import Options
from watchkeeper.cli.intel_import import intel_folder
from watchkeeper.cli.plainly import plain_errors
from watchkeeper.detection.intel.installed import Installed, open_installed, remove_source
from watchkeeper.detection.intel.known import Known, Verdict
from watchkeeper.detection.intel.observables import observables
from watchkeeper.detection.intel.values import is_file_name, recognised, refanged
from watchkeeper.reporting.harmless import harmless

pc: Any = pyarrow.compute  # its shipped types know no tables in these places
_NOTHING = "nothing is installed; `watchkeeper intel import FILE` imports indicators"


def sources(state: Path | None) -> None:
    """List what is installed."""
    with plain_errors():
        found = open_installed(intel_folder(state))
        lists = found.allow().lists if found else ()
    if found is None:
        typer.echo(_NOTHING)
        return
    table = Table("Source", "Indicators", "Revoked", "Kinds", "First imported", box=None, pad_edge=False)
    for name, rows in _by_source(found):
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(_counts(rows, "kind").items(), key=lambda pair: -pair[1]))
        revoked = int(pc.sum(rows.column("revoked")).as_py() or 0)
        table.add_row(harmless(name), f"{rows.num_rows:,}", f"{revoked:,}", kinds, f"{pc.min(rows.column('first_seen')).as_py():%Y-%m-%d}")
    Console(markup=False).print(table)
    typer.echo(f"{found.lookup.indicators.num_rows:,} indicators, {len(lists):,} allow-lists")


def check(value: str, assets: Path | None, state: Path | None) -> None:
    """Say what is known of a value."""
    with plain_errors():
        known = known_of(Options(paths=(), assets=assets, intel=intel_folder(state)))
        pairs = _pairs(value)
    if not known:
        typer.echo(_NOTHING)
        raise typer.Exit(1)
    verdicts = [one for one in known[0].verdicts(pairs) if one is not None]
    typer.echo(harmless(f"looked for: {', '.join(f'{kind} {text}' for kind, text in pairs)}"))
    for verdict in verdicts:
        _say(known[0], verdict)
    if not any(verdict.rows for verdict in verdicts):
        typer.echo("no indicator counts" if verdicts else "no indicator has this value")
        raise typer.Exit(1)


def remove(source: str, state: Path | None) -> None:
    """Take a source out and say how much that was."""
    with plain_errors():
        removed = remove_source(intel_folder(state), source)
        if not removed:
            raise ValueError(f"there is no source {source!r}; `watchkeeper intel list` shows them")
    typer.echo(harmless(f"{removed:,} indicators of {source} removed"))


def _pairs(text: str) -> list[tuple[str, str]]:
    """Give what a text may be.

    Raises:
        ValueError: it is nothing that is compared with events.
    """
    plain = refanged(text.strip())
    kind, value = recognised(plain)
    found = [(kind, value)] if kind == "network" else observables(kind, value) if kind else []
    if is_file_name(plain):
        found.append(("file", plain.lower()))
    if not found:
        raise ValueError(f"{text!r} is no address, network, domain, URL, hash, mailbox or file name")
    return found


def _say(known: Known, verdict: Verdict) -> None:
    for row in verdict.rows:
        one = known.lookup.row(row)
        typer.echo(harmless(f"  MATCHES {_indicator(one)}"))
    for suppressed in verdict.suppressed:
        one = known.lookup.row(suppressed.row)
        because = suppressed.because
        typer.echo(harmless(f"  does not count: {_indicator(one)}"))
        typer.echo(harmless(f"    because of {because.list_name}: {because.entry}"))


def _indicator(one: Mapping[str, Any]) -> str:
    until = f", until {one['valid_until']:%Y-%m-%d}" if one["valid_until"] else ""
    told = f", TLP {one['tlp']}" if one["tlp"] else ""
    labels = f": {', '.join(one['labels'])}" if one["labels"] else ""
    identity = one["external_id"] or one["id"]
    return f"{one['kind']} {one['value']}, says {one['source']} ({identity}, confidence {one['confidence']}{told}{until}){labels}"


def _by_source(found: Installed) -> list[tuple[str, Any]]:
    indicators = found.lookup.indicators
    names = sorted(cast("list[str]", pc.unique(indicators.column("source")).to_pylist()))
    return [(name, indicators.filter(pc.equal(indicators.column("source"), name))) for name in names]


def _counts(rows: Any, column: str) -> dict[str, int]:
    return {one["values"]: one["counts"] for one in pc.value_counts(rows.column(column)).to_pylist()}
