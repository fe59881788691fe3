"""How a bundle is told to a person and to programs. Owns the words that `content build`, `verify` and `install` share."""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec
import typer

from watchkeeper.bundle.manifest import Changes, Manifest
from watchkeeper.bundle.opening import Opened
from watchkeeper.reporting.harmless import harmless

_MOST_LISTED = 20
_NAMES = {
    "added": "files added",
    "changed": "files changed",
    "removed": "files gone",
    "rules_added": "rules added",
    "rules_changed": "rules changed",
    "rules_removed": "rules gone",
    "exploited_added": "newly known to be exploited",
}


def tell(line: str) -> None:
    """Write one line; what others made up in it cannot steer the terminal."""
    typer.echo(harmless(line))


def tell_bundle(opened: Opened) -> None:
    """Say what a bundle is and what is in it."""
    manifest = opened.manifest
    tell(f"{manifest.name} {manifest.version}, built {manifest.created:%Y-%m-%d %H:%M:%S} UTC, SHA-256 {opened.digest}")
    files, sizes = _by_part(manifest)
    for part in manifest.parts:
        place = f"{part.kind}/{part.name}"
        sure = "" if part.confidence is None else f"confidence {part.confidence}"
        said = (part.version, part.licence, part.source, sure, f"TLP:{part.tlp.upper()}" if part.tlp else "")
        tell(f"  {place}: {files[place]:,} files, {sizes[place]:,} bytes; {', '.join(word for word in said if word)}")


def tell_changes(changes: Changes, *, listed: bool = True) -> None:
    """Say what is new, changed and gone, or only how much; files of rules are counted, since the rules are listed."""
    for name, said in _NAMES.items():
        what: Sequence[str] = getattr(changes, name)
        if what:
            tell(f"{said}: {len(what):,}")
        named = [line for line in what if listed and not line.startswith("rules/")]
        for line in named[:_MOST_LISTED]:
            tell(f"  {line}")
        if len(named) > _MOST_LISTED:
            tell(f"  and {len(named) - _MOST_LISTED:,} more; --format json has all of them")


def as_json(said: Mapping[str, object]) -> None:
    """Write an answer for programs."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(said)).decode() + "\n")


def _by_part(manifest: Manifest) -> tuple[Counter[str], Counter[str]]:
    files, sizes = Counter[str](), Counter[str]()
    for member in manifest.members:
        place = "/".join(member.name.split("/", 2)[:2])
        files[place] += 1
        sizes[place] += member.size
    return files, sizes
