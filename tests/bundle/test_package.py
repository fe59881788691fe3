"""A package is an ordinary zip whose bytes follow from what is in it."""

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from watchkeeper.bundle.minisign import SecretKey, hashed, is_right, parse_signature
from watchkeeper.bundle.package import SIGNATURE, manifest_bytes, read_manifest

Pack = Callable[..., Path]


def test_the_same_content_gives_the_same_bytes_and_any_zip_program_reads_them(pack: Pack, contents: Mapping[str, bytes]) -> None:
    first, second = pack(name="a.zip"), pack(name="b.zip")
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["manifest.json", SIGNATURE, *contents]
        assert {name: archive.read(name) for name in contents} == contents


def test_the_signature_is_over_the_manifest_beside_it(pack: Pack, key: SecretKey) -> None:
    with zipfile.ZipFile(pack()) as archive:
        signature = parse_signature(archive.read(SIGNATURE))
        assert is_right(signature, hashed([archive.read("manifest.json")]), key.public)
        assert read_manifest(archive.read("manifest.json")).title == "LSASS read"
    with zipfile.ZipFile(pack(name="unsigned.zip", signed=False)) as archive:
        assert SIGNATURE not in archive.namelist()


def test_a_manifest_survives_being_written_and_nonsense_is_none(pack: Pack) -> None:
    with zipfile.ZipFile(pack()) as archive:
        manifest = archive.read("manifest.json")
    assert manifest_bytes(read_manifest(manifest)) == manifest
    for wrong in (b"", b"{}", manifest.replace(b'"format": 1', b'"format": 2'), manifest.replace(b"+00:00", b"").replace(b'00Z"', b'00"')):
        with pytest.raises(ValueError, match=r"cannot be understood|no time zone"):
            read_manifest(wrong)


def test_nothing_is_left_where_a_package_cannot_be_written(pack: Pack, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        pack(name="gone.zip", lost="custody.jsonl")
    assert not list(tmp_path.glob("*gone.zip*"))
