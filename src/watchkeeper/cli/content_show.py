"""`watchkeeper content show`. Owns how installed content and trusted keys are told."""

from pathlib import Path

from watchkeeper.autopilot.content_folder import LOCAL, Current, current, local, version_folder
from watchkeeper.autopilot.verified_lists import VerifiedLists
from watchkeeper.bundle.trusted import trusted
from watchkeeper.cli.content_told import as_json, tell
from watchkeeper.cli.plainly import one_of, plain_errors
from watchkeeper.settings import read_settings


def run(into: Path | None, state: Path | None, how: str) -> None:
    """List what is in force and whom it is from."""
    with plain_errors():
        one_of("format", how, ("text", "json"))
        settings = read_settings(state, rules=into)
        now, keys = current(settings.rules), trusted(settings.state)
        lists = VerifiedLists(settings.rules, settings.state).names()
    if how == "json":
        as_json({"installed": now, "lists": lists, "trusted": {key.name: key.line for key in keys}})
        return
    if now is None:
        tell(f"nothing is installed in {settings.rules}")
    else:
        _tell_current(now, settings.rules)
    tell(f"lists to act on: {', '.join(lists) or 'none that a key signed which you trust'}")
    own = [path for place in local(settings.rules) for path in place.rglob("*") if path.is_file()]
    tell(f"your own in {LOCAL}/: {len(own):,} files")
    tell(f"keys you trust: {', '.join(key.name for key in keys) or 'none; `watchkeeper content trust KEY` trusts one'}")


def _tell_current(now: Current, folder: Path) -> None:
    tell(f"{now.version} is in force in {folder}" + (f", {now.previous} was before" if now.previous else ""))
    for kind, origin in sorted(now.kinds.items()):
        files = [path for path in (version_folder(folder, now.version) / kind).rglob("*") if path.is_file()]
        built = f", built {origin.created:%Y-%m-%d %H:%M} UTC" if origin.created else ""
        signed = f"signed by {origin.signer}" if origin.signer else "not signed"
        what = f"{origin.name} {origin.version}".strip() or origin.file
        tell(f"  {kind}: {len(files):,} files of {what}{built}; in force since {origin.installed:%Y-%m-%d %H:%M} UTC; {signed}")
