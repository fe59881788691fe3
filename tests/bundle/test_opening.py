"""A bundle with one byte changed anywhere is refused, whatever the byte."""

import os
import struct
import tempfile
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.bundle import opening
from watchkeeper.bundle.archive import Bounds
from watchkeeper.bundle.manifest import Manifest, Member, Part
from watchkeeper.bundle.minisign import SecretKey, hashed, new_key, sign
from watchkeeper.bundle.opening import extract, open_bundle
from watchkeeper.bundle.writing import described, write_bundle

Write = Callable[..., Path]
CONTENTS = {"rules/ours/a.yml": b"title: a\n" * 20, "kev/kev/kev.csv": b"cveID\nCVE-2026-0001\n"}


def test_a_whole_bundle_says_whose_it_is(write: Write, key: SecretKey, tmp_path: Path) -> None:
    opened = open_bundle(write(CONTENTS), (key.public,))
    assert (opened.signer, opened.comment) == (key.public.name, "a small one")
    extract(opened.path, opened.manifest.members, tmp_path / "into")
    assert {name: (tmp_path / "into" / name).read_bytes() for name in CONTENTS} == CONTENTS


def test_every_changed_byte_is_refused(write: Write, key: SecretKey) -> None:
    path = write(CONTENTS)
    whole = path.read_bytes()
    with path.open("r+b", buffering=0) as file:
        for place, byte in enumerate(whole):
            for mask in (0x01, 0xFF):
                os.pwrite(file.fileno(), bytes([byte ^ mask]), place)
                with pytest.raises(ValueError, match="is refused"):
                    open_bundle(path, (key.public,))
            os.pwrite(file.fileno(), bytes([byte]), place)
    assert open_bundle(path, (key.public,)).signer == key.public.name


def test_every_missing_end_and_anything_behind_it_is_refused(write: Write, key: SecretKey) -> None:
    path = write(CONTENTS)
    whole = path.read_bytes()
    for changed in (whole + b"\0", whole + b"\n", whole + whole, b"\n" + whole):
        path.write_bytes(changed)
        with pytest.raises(ValueError, match="is refused"):
            open_bundle(path, (key.public,))
    path.write_bytes(whole)
    for end in reversed(range(len(whole))):
        os.truncate(path, end)
        with pytest.raises(ValueError, match="is refused"):
            open_bundle(path, (key.public,))


@given(at=st.floats(0, 1), damage=st.binary(min_size=1, max_size=8))
def test_an_unsigned_bundle_that_is_damaged_is_refused_or_holds_what_it_says(
    tmp_path_factory: pytest.TempPathFactory, at: float, damage: bytes
) -> None:
    place = tmp_path_factory.mktemp("unsigned")
    whole = _UNSIGNED
    start = int(at * (len(whole) - 1))
    (place / "bundle.zip").write_bytes(whole[:start] + damage + whole[start + len(damage) :])
    try:
        opened = open_bundle(place / "bundle.zip", (), unsigned_is_fine=True)
        extract(opened.path, opened.manifest.members, place / "into")
    except ValueError:
        return
    assert {name: (place / "into" / name).read_bytes() for name in CONTENTS} == CONTENTS


def test_who_is_not_trusted_is_refused_unless_that_is_fine(write: Write, key: SecretKey) -> None:
    path = write(CONTENTS)
    with pytest.raises(ValueError, match=f"signed with the key {key.public.name}, which is not trusted"):
        open_bundle(path, ())
    assert open_bundle(path, (), unsigned_is_fine=True).signer == ""
    impostor = new_key(b"\x09" * 32, key.public.id)
    with pytest.raises(ValueError, match="changed after it was signed"):
        open_bundle(path, (impostor.public,))
    with pytest.raises(ValueError, match="changed after it was signed"):  # a wrong signature is never fine
        open_bundle(path, (impostor.public,), unsigned_is_fine=True)


def test_a_signature_of_another_bundle_does_not_fit(write: Write, key: SecretKey) -> None:
    one, two = write(CONTENTS).read_bytes(), write({"kev/kev/kev.csv": b"cveID\nCVE-2026-0002\n"}, name="two.zip")
    lines = b"\n".join(one.split(b"\n", 4)[:4]) + b"\n"
    two.write_bytes(lines + two.read_bytes().split(b"\n", 4)[4])
    with pytest.raises(ValueError, match="changed after it was signed"):
        open_bundle(two, (key.public,))


def test_an_unsigned_bundle_is_refused_unless_that_is_fine(write: Write, key: SecretKey) -> None:
    path = write(CONTENTS, signed=False)
    with pytest.raises(ValueError, match="it is not signed"):
        open_bundle(path, (key.public,))
    assert open_bundle(path, (key.public,), unsigned_is_fine=True).signer == ""


@pytest.mark.parametrize("content", [b"", b"PK", b"no bundle", b"untrusted comment: \n" * 200, b"\0" * 5000])
def test_what_is_no_bundle_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(ValueError, match="is refused"):
        open_bundle(tmp_path / "x", (), unsigned_is_fine=True)


def _signed_zip(path: Path, key: SecretKey, members: dict[str, bytes]) -> Path:
    """Sign a zip that no builder of ours would make."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    path.write_bytes(sign(hashed([path.read_bytes()]), key, "evil") + path.read_bytes())
    return path


def test_even_a_trusted_signer_cannot_lead_out_of_the_folder(write: Write, key: SecretKey, tmp_path: Path) -> None:
    with zipfile.ZipFile(write(CONTENTS)) as archive:
        manifest = archive.read("manifest.json")
    for members, reason in (
        ({"manifest.json": manifest, **CONTENTS, "../evil": b""}, "leads out"),
        ({"manifest.json": manifest, **CONTENTS, "kev/kev/more": b""}, "in it and not listed"),
        ({"manifest.json": manifest, "kev/kev/kev.csv": CONTENTS["kev/kev/kev.csv"]}, "not in it, though listed"),
        ({"manifest.json": manifest, **CONTENTS, "kev/kev/kev.csv": b"cveID\nCVE-2026-0009\n"}, "not what the manifest says"),
        ({"manifest.json": manifest, **CONTENTS, "KEV/kev/kev.csv": b""}, "twice"),
        (CONTENTS, "no manifest.json"),
    ):
        with pytest.raises(ValueError, match=reason):
            open_bundle(_signed_zip(tmp_path / "evil.zip", key, members), (key.public,))


def test_too_much_is_refused(write: Write, key: SecretKey, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(CONTENTS)
    for bounds, reason in (
        (Bounds("member", 100, 100, 10_000, 10_000), "larger than"),
        (Bounds("member", 1 << 20, 2, 10_000, 10_000), "3 members, more than 2"),
        (Bounds("member", 1 << 20, 100, 50, 10_000), "which no member is"),
        (Bounds("member", 1 << 20, 100, 10_000, 100), "together"),
    ):
        monkeypatch.setattr(opening, "BOUNDS", bounds)
        with pytest.raises(ValueError, match=reason):
            open_bundle(path, (key.public,))
    monkeypatch.setattr(opening, "BOUNDS", Bounds("member", 1 << 20, 100, 10_000, 10_000))
    monkeypatch.setattr(opening, "MAX_BYTES", 10)
    with pytest.raises(ValueError, match="manifest is larger"):
        open_bundle(path, (key.public,))


def test_a_bomb_that_lies_about_its_size_stops_early(write: Write, tmp_path: Path) -> None:
    bomb = Member("kev/kev/kev.csv", 10, "0" * 64)
    path = write({"kev/kev/kev.csv": b"\0" * (8 << 20)}, signed=False, listed=(bomb,))
    with pytest.raises(ValueError, match="not what the manifest says"):
        open_bundle(path, (), unsigned_is_fine=True)
    changed = path.read_bytes().replace(struct.pack("<I", 8 << 20), struct.pack("<I", 10))
    path.write_bytes(changed)
    with pytest.raises(ValueError, match="is refused"):
        open_bundle(path, (), unsigned_is_fine=True)


def _unsigned() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        files = dict[str, Path]()
        for place, (name, content) in enumerate(sorted(CONTENTS.items())):
            files[name] = Path(folder) / str(place)
            files[name].write_bytes(content)
        parts = (Part("kev", "kev", ""), Part("ours", "rules", ""))
        members = tuple(described(name, path) for name, path in files.items())
        out = Path(folder) / "out.zip"
        write_bundle(out, Manifest(1, "small", "1", datetime(2026, 5, 1, tzinfo=UTC), parts, members), files, lambda _: b"")
        return out.read_bytes()


_UNSIGNED = _unsigned()
