"""Packing an incident for those who must be able to check it. Owns which events and files go in and what the chain of custody is told."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from watchkeeper.autopilot.export import chosen, read_case
from watchkeeper.autopilot.investigation import cited_events
from watchkeeper.bundle.custody import appended, head
from watchkeeper.bundle.minisign import SecretKey
from watchkeeper.bundle.package import CUSTODY, Original, Package, write_package
from watchkeeper.bundle.writing import described
from watchkeeper.lake import Keeper, Kept
from watchkeeper.model.event import Event
from watchkeeper.model.incident import Case, Incident
from watchkeeper.model.language import Language
from watchkeeper.model.query import Query
from watchkeeper.model.signal import CASE_SCHEMA
from watchkeeper.reporting import write

_MOST_EVENTS = 2_000_000


@dataclass(frozen=True, slots=True)
class Packing:
    """What a person wants packed, and who they are."""

    incident: int | None
    """Rank; none takes the first that is shown."""
    by: str
    machine: str
    originals: tuple[Path, ...] = ()
    """Where the evidence is that was investigated, as it was given then."""
    lang: Language = "en"
    created: datetime | None = None
    """When; now if none."""


def pack(folder: Path, out: Path, packing: Packing, key: SecretKey | None) -> Package:
    """Write the evidence package of one incident, and a line into the case's chain of custody.

    Raises:
        OSError: the case cannot be read, or the package not written.
        ValueError: the case or its chain of custody is damaged, or has no such incident.
    """
    case = read_case(folder)
    incident = chosen(case, packing.incident)[0]
    created = (packing.created or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
    with tempfile.TemporaryDirectory(dir=out.parent) as desk:
        found, missing, sources = _events(folder, incident, Path(desk))
        _reports(folder, case, incident, Path(desk) / "report", packing.lang)
        about = {"incident": incident.id, "title": incident.title[:500], "events": str(found), "missing": str(missing)}
        by = (packing.by, packing.machine, version("watchkeeper"))
        chain = appended(_chain(folder, case), created, by, "packed", about)
        (Path(desk) / CUSTODY).write_bytes(chain)
        files = {path.relative_to(desk).as_posix(): path for path in Path(desk).rglob("*") if path.is_file()}
        package = Package(
            format=1, incident=incident.id, title=incident.title[:500], created=created, by=packing.by, machine=packing.machine,
            version=by[2], events=found, missing=missing, synthetic=incident.synthetic,
            originals=tuple(_originals(case, sources, packing.originals)), custody=head(chain),
            members=tuple(described(name, files[name]) for name in sorted(files)),
        )  # fmt: skip
        write_package(out, package, files, key)
    _keep_chain(folder, chain)
    return package


def _chain(folder: Path, case: Case) -> bytes:
    """Give the case's chain so far; a case that has none begins with its investigation, of which nobody wrote down who did it where."""
    path = folder / CUSTODY
    if path.is_file():
        return path.read_bytes()
    about = {"events": str(case.events), "files": str(len(case.sources)), "rules": str(case.rules)}
    return appended(b"", case.made, ("", "", case.version), "investigated", about)


def _keep_chain(folder: Path, chain: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
        file.write(chain)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(folder / CUSTODY)


def _events(folder: Path, incident: Incident, desk: Path) -> tuple[int, int, list[str]]:
    """Write the kept events of an incident as Parquet and as JSON lines; how many, how many are not kept, and which files they are from."""
    ids = tuple(dict.fromkeys((*_signalled(folder, incident), *cited_events(incident))))[:_MOST_EVENTS]
    parts = desk / "parts"
    with closing(Kept(folder / "events")) as kept:
        count = kept.copy([Query(ids=ids, limit=len(ids))], Keeper(parts)) if ids else 0
        sources = dict[str, None]()
        with (desk / "events.ndjson").open("wb") as lines:
            for event in kept.search(Query(ids=ids, limit=len(ids))) if ids else ():
                sources[event.source] = None
                lines.write(msgspec.json.encode(_line(event)) + b"\n")
    if count:
        table = pa.concat_tables([pq.read_table(part) for part in sorted(parts.glob("*.parquet"))])
        pq.write_table(table, desk / "events.parquet", compression="zstd")
    shutil.rmtree(parts, ignore_errors=True)
    return count, len(ids) - count, list(sources)


def _signalled(folder: Path, incident: Incident) -> Iterator[str]:
    path = folder / "signals.parquet"
    if not path.is_file():
        return
    try:
        table = pq.read_table(path, schema=CASE_SCHEMA)
    except (pa.ArrowException, ValueError, KeyError) as error:
        raise ValueError(f"{str(path)!r} is damaged: {error}; investigate the evidence again") from error
    found = table.filter(pc.equal(pc.field("incident"), pc.scalar(incident.id)))
    yield from (str(event) for event in found.column("event_id").to_pylist())


def _line(event: Event) -> dict[str, object]:
    return {
        "_id": event.id, "_time": event.time, "_host": event.host, "_source": event.source, "_row": event.row,
        "_product": event.logsource.product, "_service": event.logsource.service, "_event_type": event.logsource.event_type, **event.fields,
    }  # fmt: skip


def _reports(folder: Path, case: Case, incident: Incident, out: Path, lang: Language) -> None:
    """Write the reports of this incident alone."""
    alone = case.model_copy(update={"incidents": (incident.model_copy(update={"shown": True}),)})
    signals = folder / "signals.parquet"
    with closing(Kept(folder / "events")) as kept:
        write(alone, out, lang=lang, search=kept.search, signals=pq.read_table(signals) if signals.is_file() else None)


def _originals(case: Case, sources: Sequence[str], given: Sequence[Path]) -> Iterator[Original]:
    """Yield the files that the events were read from, with their hashes where they are still there."""
    known = {source.source: source for source in case.sources}
    hashes: dict[Path, tuple[int, str]] = {}
    for name in sorted(sources):
        read = known.get(name)
        path = _still_there(name.partition("!")[0], given)
        if path and path not in hashes:
            with path.open("rb") as file:
                hashes[path] = path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()
        size, digest = hashes[path] if path else (None, "")
        yield Original(name[:2_000], read.reader if read else "", read.events if read else 0, size, digest)


def _still_there(name: str, given: Sequence[Path]) -> Path | None:
    """Find a file by the name that is shown of it: the path from the folder that was given, or that file itself."""
    for root in given:
        for path in (root.resolve().parent / name, root / name, root):
            inside = path.resolve().is_relative_to(root.resolve())
            if inside and path.is_file() and path.name == Path(name).name:
                return path
    return None
