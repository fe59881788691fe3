"""A bundle's intelligence and warning lists, handed to their importers. Owns under which names, what goes, and the inbox."""

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from watchkeeper.autopilot.content_folder import INCOMING, INTEL, WARNING_LISTS
from watchkeeper.autopilot.intel_import import ImportDone, Wanted, import_each
from watchkeeper.bundle.manifest import Part
from watchkeeper.detection.intel.canon import Defaults
from watchkeeper.detection.intel.installed import install_allow, open_installed, remove_source
from watchkeeper.detection.intel.warninglists import Imported, read_warninglists

_INBOX, _REASONS = "inbox", "reasons.json"
_UNSAID = 50
"""Confidence of a source of which the bundle says none; `intel import` has the same."""


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a bundle's intelligence."""

    done: ImportDone | None
    """What was imported; none if the bundle has no intelligence."""
    gone: Mapping[str, int]
    """Indicators of sources that the bundle before had and this one has not."""
    lists: Imported | None
    """Allow-lists that are in force; none if the bundle has none."""
    inbox: Path | None
    """Where the files lie that could not be imported, with the reasons; none if all could."""


def sources(parts: Sequence[Part]) -> tuple[str, ...]:
    """Give who says so in a bundle."""
    return tuple(sorted({_source(part) for part in parts if part.kind == INTEL}))


def receive(filled: Path, parts: Sequence[Part], before: Sequence[str], state: Path, moment: datetime) -> Received:
    """Import the intelligence and the warning lists of a bundle that lie in a folder; `before` are the sources of the one before.

    Raises:
        OSError: a file cannot be read, or the folder of intelligence cannot be written.
        ValueError: there is no warning list among them, or what is installed is damaged.
    """
    folder = state / INTEL
    lists = _lists(filled / WARNING_LISTS, folder)  # what may be refused comes before anything is written
    asked = [(filled / INTEL / part.name, _wanted(part)) for part in parts if part.kind == INTEL]
    done = import_each(asked, folder, moment) if asked else None
    gone = {source: remove_source(folder, source) for source in before if source not in sources(parts)} if asked else {}
    return Received(done, gone, lists, _into_inbox(filled / INTEL, folder / _INBOX, done) if done else None)


def _source(part: Part) -> str:
    return part.source or part.name


def _wanted(part: Part) -> Wanted:
    confidence = _UNSAID if part.confidence is None else part.confidence
    return Wanted(Defaults(_source(part), confidence, part.tlp), replace=True)


def _lists(given: Path, folder: Path) -> Imported | None:
    """Install warning lists as allow-lists, but those that a person left out earlier."""
    if not given.is_dir():
        return None
    now = open_installed(folder)
    left_out = now.left_out if now else frozenset[str]()
    read = read_warninglists(given, left_out)
    install_allow(folder, read.lists, left_out)
    return read


def _into_inbox(given: Path, inbox: Path, done: ImportDone) -> Path | None:
    """Lay the files that are in no known format where a person finds them, in the place of what lay there."""
    unknown = {file.name: ", ".join(file.account.refused) for file in done.files if not file.format}
    shutil.rmtree(inbox, ignore_errors=True)
    if not unknown:
        return None
    inbox.parent.mkdir(parents=True, exist_ok=True)
    filling = Path(tempfile.mkdtemp(prefix=INCOMING, dir=inbox.parent))
    try:
        for name in sorted({name.partition("!")[0] for name in unknown}):
            (filling / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(given / name, filling / name)
        (filling / _REASONS).write_bytes(msgspec.json.format(msgspec.json.encode(unknown, order="sorted")))
        filling.rename(inbox)
    finally:
        shutil.rmtree(filling, ignore_errors=True)
    return inbox
