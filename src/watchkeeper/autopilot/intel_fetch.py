"""Fetching intelligence from a TAXII server: all pages first, then one import. Owns the order, and that a part is never imported."""

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from watchkeeper.autopilot.intel_import import ImportDone, Wanted, import_files
from watchkeeper.detection.intel.asking import Asker
from watchkeeper.detection.intel.formats.entry import MOST_BYTES
from watchkeeper.detection.intel.taxii import Page, named, pages, roots


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was fetched, and what its import did."""

    objects: int
    pages: int
    last: str
    """When the last object was added there; empty if the server does not say."""
    done: ImportDone


@dataclass(frozen=True, slots=True)
class Choice:
    """What of a server is fetched."""

    url: str
    """Of its discovery, or of an api root."""
    collection: str
    """Id, alias or title."""
    added_after: datetime | None = None
    page: int | None = None
    """Objects asked for at a time; the server decides if none."""


def fetch(asker: Asker, choice: Choice, wanted: Wanted, folder: Path, now: datetime) -> Fetched:
    """Fetch a collection and import it; the source is the server and the collection if none is given.

    Raises:
        OSError: the server cannot be reached, or something cannot be written.
        ValueError: the server answers with an error, something else than TAXII 2.1, or too much.
    """
    root, collection = named(roots(asker, choice.url), choice.collection)
    source = wanted.defaults.source or f"{urlsplit(choice.url).hostname}/{collection.alias or collection.id}"
    wanted = replace(wanted, defaults=replace(wanted.defaults, source=source), format="stix")
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / f"{collection.id[:100].replace('/', '_')}.json"
        objects, count, last = _write(path, pages(asker, root, collection, choice.added_after, choice.page))
        return Fetched(objects, count, last, import_files([path], wanted, folder, now))


def _write(path: Path, found: Iterable[Page]) -> tuple[int, int, str]:
    objects = count = size = 0
    last = ""
    with path.open("wb") as file:
        size += file.write(b'{"objects":[')
        for page in found:
            for one in page.objects:
                size += file.write(b"," if objects else b"") + file.write(msgspec.json.encode(one))
                objects += 1
            count += 1
            last = page.last or last
            if size > MOST_BYTES:
                raise ValueError(f"more than {MOST_BYTES >> 30} GiB were fetched; nothing was imported, --added-after asks for less")
        file.write(b"]}")
    return objects, count, last
