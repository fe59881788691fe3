"""`watchkeeper content install`. Owns how it is told; what it does stands in `autopilot.content_install`."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import typer

from watchkeeper.autopilot.content_folder import LOCAL, RULES
from watchkeeper.autopilot.content_install import Allowed, Installed, install
from watchkeeper.autopilot.content_intel import Received
from watchkeeper.bundle.trusted import trusted
from watchkeeper.cli.content_told import as_json, tell, tell_bundle, tell_changes
from watchkeeper.cli.intel_import import say, say_lists
from watchkeeper.cli.plainly import one_of, plain_errors
from watchkeeper.cli.rules_check import in_words
from watchkeeper.settings import read_settings

_MOST_LISTED = 20


def run(bundle: Path, into: Path | None, state: Path | None, unsigned: bool, any_age: bool, force: bool, how: str) -> None:
    """Install a bundle and say what it brought."""
    with plain_errors():
        one_of("format", how, ("text", "json"))
        settings = read_settings(state, rules=into)
        allowed = Allowed(unsigned=unsigned, any_age=any_age, broken=force)
        done = install(bundle, settings.rules, settings.state, datetime.now(UTC), trusted(settings.state), allowed)
    if not done.bundle.signer:
        typer.echo("WARNING: no key that you trust signed this bundle; anyone may have made it, and it is in force now", err=True)
    if how == "json":
        _json(done)
    else:
        _text(done, settings.rules)
    if done.received and done.received.inbox:
        raise typer.Exit(1)


def _text(done: Installed, folder: Path) -> None:
    if not done.is_new:
        tell(f"nothing changed: this very bundle is installed already, as {done.now.version}")
        return
    tell_bundle(done.bundle)
    tell(f"installed as {done.now.version} in {folder}, " + (f"signed by {done.bundle.signer}" if done.bundle.signer else "NOT SIGNED"))
    tell_changes(done.changes, listed=bool(done.now.previous))
    for finding in done.broken[:_MOST_LISTED]:
        tell(f"cannot run: {in_words(finding)}")
    if len(done.broken) > _MOST_LISTED:
        tell(f"  and {len(done.broken) - _MOST_LISTED:,} more rules cannot run; --format json has all of them")
    if RULES in done.now.kinds:
        tell(f"`--rules installed` runs the rules, your own in {LOCAL}/ beside them")
    if done.received:
        _received(done.received)


def _received(received: Received) -> None:
    for source, count in received.gone.items():
        tell(f"{count:,} indicators of {source} are gone: the bundle has this source no longer")
    if received.lists:
        say_lists(received.lists)
    if received.inbox:
        tell(f"what could not be imported lies in {received.inbox}, with the reasons")
    if received.done:
        say(received.done)


def _json(done: Installed) -> None:
    as_json(
        {
            "version": done.now.version,
            "previous": done.now.previous,
            "new": done.is_new,
            "signer": done.bundle.signer,
            "sha256": done.bundle.digest,
            "manifest": done.bundle.manifest,
            "changes": done.changes,
            "broken": done.broken,
            "intelligence": _as_told(done.received),
        }
    )


def _as_told(received: Received | None) -> Mapping[str, object]:
    if received is None:
        return {}
    files = received.done.files if received.done else ()
    return {
        "files": [
            {"name": file.name, "format": file.format, "kinds": file.account.kinds, "refused": file.account.refused} for file in files
        ],
        "merged": received.done.merged if received.done else None,
        "gone": received.gone,
        "allow_lists": len(received.lists.lists.lists) if received.lists else 0,
        "allow_lists_refused": received.lists.skipped if received.lists else {},
        "inbox": str(received.inbox) if received.inbox else None,
    }
