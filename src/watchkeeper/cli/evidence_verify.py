"""`watchkeeper evidence verify`. Owns how it is told; what is checked stands in `bundle.package_checking`."""

from dataclasses import asdict
from pathlib import Path

import typer

from watchkeeper.bundle.package_checking import Checked, check_package
from watchkeeper.bundle.trusted import read_key, trusted
from watchkeeper.cli.content_told import as_json, tell
from watchkeeper.cli.plainly import one_of, plain_errors
from watchkeeper.settings import read_settings


def run(package: Path, key: str | None, state: Path | None, how: str) -> None:
    """Say of each part whether it holds; exit code 1 if one does not."""
    with plain_errors():
        one_of("format", how, ("text", "json"))
        keys = (read_key(key),) if key else trusted(read_settings(state).state)
        checked = check_package(package, keys, must_be_signed=key is not None)
    if how == "json":
        told = {"holds": checked.holds, "signer": checked.signer, "findings": [asdict(one) for one in checked.findings]}
        as_json({**told, "package": checked.package})
    else:
        _text(checked)
    if not checked.holds:
        raise typer.Exit(1)


def _text(checked: Checked) -> None:
    if said := checked.package:
        tell(f"incident {said.incident}: {said.title}{' (SYNTHETIC)' if said.synthetic else ''}")
        tell(f"packed {said.created:%Y-%m-%d %H:%M:%S} UTC by {said.by or 'nobody named'} on {said.machine or 'a machine not named'}")
        tell(f"{said.events:,} events, {said.missing:,} not kept; {len(said.originals):,} original files")
    for one in checked.findings:
        tell(f"{'holds' if one.holds else 'DOES NOT HOLD'}  {one.part}: {one.said}")
    tell("everything holds" if checked.holds else "it is not what was packed: do not rely on it")
