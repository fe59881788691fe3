"""A small bundle to look at from all sides."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from watchkeeper.bundle.custody import appended, head
from watchkeeper.bundle.manifest import Manifest, Member, Part
from watchkeeper.bundle.minisign import SecretKey, new_key, sign
from watchkeeper.bundle.package import Original, Package, write_package
from watchkeeper.bundle.writing import described, write_bundle

Write = Callable[..., Path]
Pack = Callable[..., Path]
PACKED = datetime(2026, 6, 1, 12, tzinfo=UTC)
CHAIN = appended(
    appended(b"", PACKED, ("", "", "0.1.0"), "investigated", {}), PACKED, ("A. N.", "lab1", "0.1.0"), "packed", {"events": "1"}
)
CONTENTS = {"custody.jsonl": CHAIN, "events.ndjson": b'{"_id":"1"}\n', "report/report.md": b"# report\n" * 9}


@pytest.fixture
def key() -> SecretKey:
    return new_key(bytes(range(32)), bytes(range(8)))


@pytest.fixture
def write(tmp_path: Path, key: SecretKey) -> Write:
    """Give what writes a bundle of some files, with a manifest that may lie."""

    def write(
        contents: Mapping[str, bytes], name: str = "small.zip", signed: bool = True, listed: tuple[Member, ...] | None = None
    ) -> Path:
        files = dict[str, Path]()
        for place, (member, content) in enumerate(sorted(contents.items())):
            files[member] = tmp_path / f"source-{place}"
            files[member].write_bytes(content)
        members = tuple(described(member, path) for member, path in files.items())
        parts = tuple(Part(part, kind, "CC0-1.0") for kind, part in sorted({tuple(member.split("/")[:2]) for member in files}))  # type: ignore[arg-type] -- kinds as given
        manifest = Manifest(1, "small", "1", datetime(2026, 5, 1, tzinfo=UTC), parts, members if listed is None else listed)
        out = tmp_path / name
        if listed is None or {member.name for member in listed} <= files.keys():
            write_bundle(out, manifest, files, lambda digest: sign(digest, key, "a small one") if signed else b"")
        return out

    return write


@pytest.fixture
def contents() -> Mapping[str, bytes]:
    """Give what is in the package."""
    return CONTENTS


@pytest.fixture
def pack(tmp_path: Path, key: SecretKey) -> Pack:
    """Give what writes an evidence package."""

    def pack(name: str = "evidence.zip", signed: bool = True, lost: str = "") -> Path:
        files = dict[str, Path]()
        for place, (member, content) in enumerate(CONTENTS.items()):
            files[member] = tmp_path / f"packed-{place}"
            files[member].write_bytes(content)
        package = Package(
            format=1, incident="i" * 32, title="LSASS read", created=PACKED,
            by="A. N.", machine="lab1", version="0.1.0", events=1, missing=0,
            synthetic=False, originals=(Original("a.zip!b.json", "json", 3),), custody=head(CHAIN),
            members=tuple(described(member, path) for member, path in files.items()),
        )  # fmt: skip
        if lost:
            files[lost].unlink()
        write_package(tmp_path / name, package, files, key if signed else None)
        return tmp_path / name

    return pack
