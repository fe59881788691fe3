"""A small bundle to look at from all sides."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from watchkeeper.bundle.manifest import Manifest, Member, Part
from watchkeeper.bundle.minisign import SecretKey, new_key, sign
from watchkeeper.bundle.writing import described, write_bundle

Write = Callable[..., Path]


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
