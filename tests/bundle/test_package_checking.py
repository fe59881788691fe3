"""Whatever is done to a package is found and named."""

import stat
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from watchkeeper.bundle import package_checking
from watchkeeper.bundle.archive import Bounds
from watchkeeper.bundle.minisign import SecretKey, new_key
from watchkeeper.bundle.package import SIGNATURE
from watchkeeper.bundle.package_checking import Checked, check_package
from watchkeeper.bundle.writing import entry

Pack = Callable[..., Path]
NAMES = ("custody.jsonl", "events.ndjson", "report/report.md")


def faults(checked: Checked) -> dict[str, str]:
    return {one.part: one.said for one in checked.findings if not one.holds}


def rewritten(path: Path, members: Mapping[str, bytes], *more: tuple[zipfile.ZipInfo | str, bytes]) -> Path:
    """Write the zip anew with other members, as somebody with a zip program would."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(entry(name, is_packed=False), content)
        for info, content in more:
            archive.writestr(info, content)
    return path


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_whole_package_holds_and_says_whose_it_is(pack: Pack, key: SecretKey) -> None:
    checked = check_package(pack(), (key.public,), must_be_signed=True)
    assert (checked.holds, checked.signer, faults(checked)) == (True, key.public.name, {})
    assert {one.part for one in checked.findings} >= {"zip", "signature", "order", "layout", *NAMES}


def test_an_unsigned_one_is_whole_and_says_so(pack: Pack) -> None:
    checked = check_package(pack(signed=False), ())
    assert (checked.holds, checked.signer) == (True, "")
    assert "NOT SIGNED" in next(one.said for one in checked.findings if one.part == "signature")
    assert faults(check_package(pack(signed=False), (), must_be_signed=True)) == {"signature": "the key that was named did not sign it"}


@pytest.mark.parametrize("signed", [True, False])
def test_one_changed_byte_anywhere_is_found(pack: Pack, key: SecretKey, signed: bool) -> None:
    path = pack(signed=signed)
    whole = path.read_bytes()
    for place in range(0, len(whole), 3):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ (0x01, 0x80, 0xFF)[place % 3]]) + whole[place + 1 :])
        assert faults(check_package(path, (key.public,))), f"byte {place}"
    path.write_bytes(whole)
    assert check_package(path, (key.public,)).holds


@pytest.mark.slow
@pytest.mark.parametrize("signed", [True, False])
def test_every_changed_byte_is_found(pack: Pack, key: SecretKey, signed: bool) -> None:
    path = pack(signed=signed)
    whole = path.read_bytes()
    for place, byte in enumerate(whole):
        for mask in (0x01, 0x20, 0xFF):
            path.write_bytes(whole[:place] + bytes([byte ^ mask]) + whole[place + 1 :])
            assert faults(check_package(path, (key.public,))), f"byte {place}"


@pytest.mark.parametrize("name", NAMES)
def test_a_changed_member_is_named(pack: Pack, key: SecretKey, name: str) -> None:
    path = pack()
    found = members(path)
    checked = check_package(rewritten(path, {**found, name: found[name] + b" "}), (key.public,))
    assert name in faults(checked)
    assert not set(faults(checked)) & (set(NAMES) - {name})


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_member_is_named(pack: Pack, key: SecretKey, name: str) -> None:
    path = pack()
    left = {other: content for other, content in members(path).items() if other != name}
    assert "missing" in faults(check_package(rewritten(path, left), (key.public,)))[name] or name == "custody.jsonl"


def test_added_and_reordered_members_are_named(pack: Pack, key: SecretKey) -> None:
    path = pack()
    found = members(path)
    assert "was added" in faults(check_package(rewritten(path, {**found, "extra.txt": b"x"}), (key.public,)))["extra.txt"]
    turned = dict(reversed(found.items()))
    assert list(faults(check_package(rewritten(path, turned), (key.public,)))) == ["order"]


def test_what_stands_before_between_or_after_is_found(pack: Pack, key: SecretKey) -> None:
    path = pack()
    whole = path.read_bytes()
    for changed in (whole + b"\0", b"#!/bin/sh\n" + whole, whole + whole, whole[:-1]):
        path.write_bytes(changed)
        assert faults(check_package(path, (key.public,)))
    packed = rewritten(path, {}, *((name, content) for name, content in members(pack()).items()))
    assert faults(check_package(packed, (key.public,)))


def _link() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("link")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("trick", "said"),
    [
        (lambda: zipfile.ZipInfo("../outside"), "leads out"),
        (lambda: zipfile.ZipInfo("/etc/passwd"), "leads out"),
        (lambda: zipfile.ZipInfo("events.ndjson"), "twice"),
        (lambda: zipfile.ZipInfo("EVENTS.ndjson"), "twice"),
        (_link, "link"),
    ],
)
def test_tricks_with_names_are_refused(pack: Pack, key: SecretKey, trick: Callable[[], zipfile.ZipInfo], said: str) -> None:
    path = pack()
    assert said in faults(check_package(rewritten(path, members(path), (trick(), b"x")), (key.public,)))["zip"]


def test_a_bomb_is_refused_before_it_is_unpacked(pack: Pack, key: SecretKey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        package_checking, "BOUNDS", Bounds("member", archive_bytes=1 << 30, members=8, member_bytes=1 << 16, all_bytes=1 << 17)
    )
    path = pack()
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", b"\0" * (1 << 24))
    assert "larger than" in faults(check_package(path, (key.public,)))["zip"]


def test_another_key_and_a_taken_over_signature_do_not_hold(pack: Pack, key: SecretKey) -> None:
    other = new_key(bytes(32), bytes(range(8)))
    assert "not signed by the key" in faults(check_package(pack(), (other.public,)))["manifest.json"]
    assert "not trusted" in faults(check_package(pack(), ()))["signature"]
    path = pack()
    stripped = {name: content for name, content in members(path).items() if name != SIGNATURE}
    assert not check_package(rewritten(path, stripped), (key.public,), must_be_signed=True).holds


def test_what_is_no_package_says_so(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"no zip")
    assert list(faults(check_package(tmp_path / "x", ()))) == ["zip"]
    assert faults(check_package(rewritten(tmp_path / "y", {"a": b"b"}), ())) == {"manifest.json": "it is not there"}
