"""`watchkeeper content verify`. Owns how it is told; what is verified stands in `bundle.opening`."""

from pathlib import Path

from watchkeeper.bundle.opening import open_bundle
from watchkeeper.bundle.trusted import read_key, trusted
from watchkeeper.cli.content_told import as_json, tell, tell_bundle, tell_changes
from watchkeeper.cli.plainly import one_of, plain_errors
from watchkeeper.settings import read_settings


def run(bundle: Path, key: str | None, state: Path | None, how: str) -> None:
    """Say whether a bundle is signed by a trusted key and whole, and what is in it; exit code 2 if it is not."""
    with plain_errors():
        one_of("format", how, ("text", "json"))
        keys = (read_key(key),) if key else trusted(read_settings(state).state)
        opened = open_bundle(bundle, keys)
    if how == "json":
        as_json({"signer": opened.signer, "comment": opened.comment, "sha256": opened.digest, "manifest": opened.manifest})
        return
    tell(f"whole, and signed by {opened.signer}, {'the key you named' if key else 'which you trust'}; the signer says: {opened.comment}")
    tell_bundle(opened)
    if opened.manifest.previous:
        tell(f"since the bundle with SHA-256 {opened.manifest.previous}:")
        tell_changes(opened.manifest.changes)
