"""Snapshots: what a host said of itself, kept here as a tar with a hash for every part. Owns the file; what is asked is each system's.

Nothing is written on the host: each part comes over one connection, after a mark that nothing on the host can know before.
"""

import hashlib
import io
import json
import os
import re
import tarfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from watchkeeper.model.means import Job
from watchkeeper.model.proposal import Done, Seen
from watchkeeper.response.connectors.site import Site

MOST_BYTES = 4 << 20
"""Bytes of one part; what is more is cut off, and the manifest says so."""
_MANIFEST = "manifest.json"


def parts_of(said: bytes, token: str) -> dict[str, bytes]:
    """Split what a host said at the marks, `--TOKEN NAME` on a line of its own."""
    found: dict[str, bytes] = {}
    for piece in said.split(f"\n--{token} ".encode("ascii"))[1:]:
        name, _, text = piece.replace(b"\r\n", b"\n", 1).partition(b"\n")
        found[name.decode("ascii", "replace")] = text
    return found


def already(site: Site, job: Job) -> Done | None:
    """Give what was done if a whole snapshot of this job is there; none if there is none."""
    path = _path(site, job)
    return Done(said=f"{path.name!r} is there, as before", reference=_reference(path)) if path.exists() and not faults(path) else None


def keep(site: Site, job: Job, parts: Mapping[str, bytes], asked: Mapping[str, str]) -> Done:
    """Write what a host said, with a manifest that names each part, its command, size and hash.

    Raises:
        OSError: it cannot be written.
        ValueError: the host said nothing.
    """
    if not any(parts.values()):
        raise ValueError(f"{site.host!r} said nothing of itself; can its login run programs?")
    taken = datetime.now(UTC)
    listed = [
        {"name": name, "asked": asked.get(name, ""), "bytes": len(text), "cut": len(text) >= MOST_BYTES, "sha256": _digest(text)}
        for name, text in parts.items()
    ]
    manifest = {"host": site.host, "incident": job.incident, "action": job.key, "taken": taken.isoformat(), "parts": listed}
    members = {f"{name}.txt": text for name, text in parts.items()} | {_MANIFEST: json.dumps(manifest, indent=1).encode("ascii")}
    path = _path(site, job)
    _write(path, members, int(taken.timestamp()))
    cut = [str(one["name"]) for one in listed if one["cut"]]
    said = f"{len(parts)} parts of what {site.host} says of itself are in {path.name!r}{f', cut off: {cut}' if cut else ''}"
    return Done(said=said, reference=_reference(path))


def look(site: Site, job: Job) -> Seen:
    """Read the file again and compare every hash."""
    path = _path(site, job)
    wrong = faults(path) if path.exists() else ["it is not there"]
    if not wrong and job.reference and job.reference != _reference(path):
        wrong = ["it is another file than was written"]
    said = f"{path.name!r}: {'; '.join(wrong) if wrong else 'every part has its hash'}"
    return Seen(where="target", outcome="not-in-force" if wrong else "in-force", time=datetime.now(UTC), said=said[:2_000])


def faults(path: Path) -> list[str]:
    """Say what is wrong with a snapshot; nothing if every part of the manifest is there as it was written."""
    try:
        with tarfile.open(path, "r:") as tar:
            held = {member.name: tar.extractfile(member) for member in tar.getmembers() if member.isfile()}
            content = {name: file.read(MOST_BYTES + 1) for name, file in held.items() if file}
        manifest: Any = json.loads(content.pop(_MANIFEST))
        wanted = {f"{part['name']}.txt": part["sha256"] for part in manifest["parts"]}
    except (OSError, tarfile.TarError, ValueError, KeyError, TypeError) as error:
        return [f"it cannot be read: {type(error).__name__}"]
    changed = [f"{name!r} is not as it was written" for name, text in content.items() if wanted.get(name) != _digest(text)]
    return changed + [f"{name!r} is missing" for name in sorted(wanted.keys() - content.keys())]


def _path(site: Site, job: Job) -> Path:
    if not site.evidence:
        raise ValueError("nobody said where snapshots go: name `evidence`")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}", site.host):
        raise ValueError(f"{site.host[:80]!r} cannot stand in the name of a file")
    return Path(site.evidence) / f"{site.host}-{job.key}.tar"


def _reference(path: Path) -> str:
    with path.open("rb") as file:
        return f"{path.name} sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def _write(path: Path, members: Mapping[str, bytes], when: int) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    with os.fdopen(os.open(beside, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_NOFOLLOW, 0o600), "wb") as file:
        with tarfile.open(fileobj=file, mode="w") as tar:
            for name, text in members.items():
                member = tarfile.TarInfo(name)
                member.size, member.mtime, member.mode = len(text), when, 0o600
                tar.addfile(member, io.BytesIO(text))
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()
