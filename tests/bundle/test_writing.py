"""The same content gives the same bytes, and a bundle replaces another only when it is whole."""

import os
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from watchkeeper.bundle.manifest import Manifest, Member, Part
from watchkeeper.bundle.writing import described, write_bundle


def test_the_same_content_gives_the_same_bytes(write: Callable[..., Path], tmp_path: Path) -> None:
    contents = {"rules/ours/b.yml": b"title: b\n" * 99, "kev/kev/kev.csv": b"cveID\n", "attack/x/a.json.gz": b"\x1f\x8b"}
    one = write(contents)
    for path in tmp_path.glob("source-*"):
        os.utime(path, (1, 1))
    two = write(dict(reversed(contents.items())), name="two.zip")
    assert one.read_bytes() == two.read_bytes()
    with zipfile.ZipFile(one) as archive:
        names = [(member.filename, member.date_time[0], member.compress_type) for member in archive.infolist()]
    assert names == [
        ("manifest.json", 1980, zipfile.ZIP_DEFLATED),
        ("attack/x/a.json.gz", 1980, zipfile.ZIP_STORED),
        ("kev/kev/kev.csv", 1980, zipfile.ZIP_DEFLATED),
        ("rules/ours/b.yml", 1980, zipfile.ZIP_DEFLATED),
    ]


def test_a_bundle_that_cannot_be_written_leaves_the_one_before(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a")
    member = described("kev/kev/a", tmp_path / "a")
    manifest = Manifest(
        1, "a", "1", datetime(2026, 5, 1, tzinfo=UTC), (Part("kev", "kev", ""),), (member, Member("kev/kev/b", 1, "0" * 64))
    )
    out = tmp_path / "out.zip"
    out.write_bytes(b"before")
    with pytest.raises(FileNotFoundError):
        write_bundle(out, manifest, {"kev/kev/a": tmp_path / "a", "kev/kev/b": tmp_path / "b"}, lambda _: b"")
    assert out.read_bytes() == b"before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "out.zip"]
