"""`watchkeeper content build`. Owns reading the options and how it is told; the building is the autopilot's."""

from datetime import datetime
from pathlib import Path

import typer

from watchkeeper.autopilot.content_build import Built, build
from watchkeeper.bundle.opening import open_bundle
from watchkeeper.bundle.recipe import read_recipe
from watchkeeper.cli.content_keys import secret_key
from watchkeeper.cli.content_told import as_json, tell, tell_bundle, tell_changes
from watchkeeper.cli.plainly import one_of, plain_errors
from watchkeeper.cli.rules_check import in_words


def run(recipe: Path, out: Path, key: Path | None, previous: Path | None, created: datetime | str, force: bool, how: str) -> None:
    """Build a bundle and say what is in it."""
    with plain_errors():
        one_of("format", how, ("text", "json"))
        moment = _moment(created) if isinstance(created, str) else created
        asked = read_recipe(recipe)
        signing = secret_key(key) if key else None
        keys = (signing.public,) if signing else ()
        before = open_bundle(previous, keys, unsigned_is_fine=True) if previous else None
        done = build(asked, out, moment.replace(microsecond=0), signing, before, force=force)
    if how == "json":
        as_json({"signer": done.bundle.signer, "sha256": done.bundle.digest, "manifest": done.bundle.manifest, "broken": done.broken})
    else:
        _text(done)


def _text(done: Built) -> None:
    tell_bundle(done.bundle)
    for name, count in done.left_out.items():
        tell(f"{count:,} files of {name} are no rules and were left out")
    for finding in done.broken:
        tell(f"cannot run: {in_words(finding)}")
    if done.bundle.manifest.previous:
        tell_changes(done.bundle.manifest.changes)
    if done.bundle.signer:
        tell(f"signed with {done.bundle.signer}")
    else:
        typer.echo("NOT SIGNED: nobody who takes this file can tell that it comes from you; --key signs it", err=True)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"--created {text!r} is no time; write it like 2026-05-01T06:00:00Z") from error
    if moment.tzinfo is None:
        raise ValueError(f"--created {text!r} has no time zone; end it with Z for UTC")
    return moment
