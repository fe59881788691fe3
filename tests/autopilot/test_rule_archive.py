"""A zip that anyone may have made is unpacked within bounds, or refused before a byte of it is written."""

import stat
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.autopilot import rule_archive
from watchkeeper.autopilot.rule_archive import MAX_FILE_BYTES, unpack


def _zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_rules_come_out_as_they_are_and_other_files_are_counted(tmp_path: Path) -> None:
    members = {
        "sigma/rules/a.yml": b"title: a\n",
        "sigma/rules/deep/b.yaml": b"",
        "sigma/LICENSE.md": b"DRL",
        "sigma/x.py": b"",
        "sigma/rules/": b"",
    }
    done = unpack(_zip(tmp_path / "rules.zip", members), tmp_path / "into")
    assert (done.files, done.left_out) == (3, 1)
    assert (tmp_path / "into/sigma/rules/a.yml").read_bytes() == b"title: a\n"
    assert not (tmp_path / "into/sigma/x.py").exists()


@pytest.mark.parametrize(
    "name",
    [
        "../evil.yml", "rules/../../evil.yml", "/etc/evil.yml", "C:/evil.yml", "rules\\..\\evil.yml", "rules/\x01evil.yml",
        "rules//evil.yml", "./evil.yml", "rules/" + "x" * 200 + ".yml", "a/" * 30 + "evil.yml", "rules/nul\x00.yml",
    ],
)  # fmt: skip
def test_a_name_that_leads_out_refuses_the_whole_zip(tmp_path: Path, name: str) -> None:
    archive = tmp_path / "rules.zip"
    _zip(archive, {"good.yml": b"", "placeholder-of-the-name.yml": b""})
    content = archive.read_bytes()
    _zip(archive, {"good.yml": b"", name: b""})
    assert archive.read_bytes() != content
    if "\x00" in name:  # zipfile cuts the name when it writes, so the bytes are put in afterwards
        _zip(archive, {"good.yml": b"", "rules/nul_.yml": b""})
        archive.write_bytes(archive.read_bytes().replace(b"rules/nul_.yml", b"rules/nul\x00.yml"))
    with pytest.raises(ValueError, match="leads out of the folder"):
        unpack(archive, tmp_path / "into")
    assert not (tmp_path / "into").exists()


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO])
def test_links_and_devices_are_refused(tmp_path: Path, kind: int) -> None:
    with zipfile.ZipFile(tmp_path / "rules.zip", "w") as archive:
        member = zipfile.ZipInfo("rules/link.yml")
        member.external_attr = (kind | 0o777) << 16
        archive.writestr(member, "/etc/passwd")
    with pytest.raises(ValueError, match="link or a device"):
        unpack(tmp_path / "rules.zip", tmp_path / "into")
    assert not (tmp_path / "into").exists()


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    archive = _zip(tmp_path / "rules.zip", {"a.yml": b"title: a\n", "bomb.yml": b"\0" * (MAX_FILE_BYTES + 1)})
    assert archive.stat().st_size < 10_000
    with pytest.raises(ValueError, match="which no rule is"):
        unpack(archive, tmp_path / "into")


def test_a_bomb_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    archive = _zip(tmp_path / "rules.zip", {"bomb.yml": b"\0" * (4 * MAX_FILE_BYTES)})
    content = archive.read_bytes()
    archive.write_bytes(content.replace((4 * MAX_FILE_BYTES).to_bytes(4, "little"), (100).to_bytes(4, "little")))
    with pytest.raises(ValueError, match="refused"):
        unpack(archive, tmp_path / "into")


def test_too_much_together_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule_archive, "MAX_ALL_BYTES", 1000)
    with pytest.raises(ValueError, match="together"):
        unpack(_zip(tmp_path / "rules.zip", {f"{n}.yml": b"x" * 300 for n in range(4)}), tmp_path / "into")
    monkeypatch.setattr(rule_archive, "MAX_MEMBERS", 3)
    with pytest.raises(ValueError, match="4 members, more than 3"):
        unpack(_zip(tmp_path / "rules.zip", {f"{n}.yml": b"" for n in range(4)}), tmp_path / "into")


def test_the_same_name_twice_is_refused_whatever_its_case(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="twice"):
        unpack(_zip(tmp_path / "rules.zip", {"Rules/a.yml": b"", "rules/A.yml": b""}), tmp_path / "into")


def test_a_large_zip_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule_archive, "MAX_ARCHIVE_BYTES", 10)
    with pytest.raises(ValueError, match="larger than"):
        unpack(_zip(tmp_path / "rules.zip", {"a.yml": b"title: a"}), tmp_path / "into")


@given(at=st.floats(0, 1), damage=st.binary(min_size=1, max_size=8))
def test_a_damaged_zip_is_refused_or_gives_its_rules(tmp_path_factory: pytest.TempPathFactory, at: float, damage: bytes) -> None:
    place = tmp_path_factory.mktemp("damaged")
    archive = _zip(place / "rules.zip", {f"rules/{n}.yml": b"title: %d\n" % n * 20 for n in range(5)})
    content = bytearray(archive.read_bytes())
    start = int(at * (len(content) - 1))
    content[start : start + len(damage)] = damage
    archive.write_bytes(bytes(content))
    with suppress(ValueError):
        unpack(archive, place / "into")
    assert [path for path in place.rglob("*") if path.is_symlink()] == []


def test_no_zip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "rules.zip").write_bytes(b"title: no zip")
    with pytest.raises(ValueError, match="no zip"):
        unpack(tmp_path / "rules.zip", tmp_path / "into")
