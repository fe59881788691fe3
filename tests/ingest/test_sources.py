import io
import os
import pwd
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from watchkeeper.ingest import bounds, sources
from watchkeeper.ingest.sources import Source, expanded, files


def _zip(members: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made.getvalue()


def _read(*paths: Path) -> list[tuple[str, str, bytes | str]]:
    return [(source.shown, source.name, _content(source)) for file in files(paths) for source in expanded(file, lambda _: None)]


def _content(source: Source) -> bytes | str:
    return source.stream.read() if source.stream is not None else source.error


def test_folders_are_read_in_order_however_paths_are_given(tmp_path: Path) -> None:
    for name in ("b/2.log", "a/1.log", "c.log"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    expected = [
        (f"{tmp_path.name}/a/1.log", "1.log", b"a/1.log"),
        (f"{tmp_path.name}/b/2.log", "2.log", b"b/2.log"),
        (f"{tmp_path.name}/c.log", "c.log", b"c.log"),
    ]
    assert _read(tmp_path) == expected
    assert [one[1:] for one in _read(tmp_path / "c.log", tmp_path / "b", tmp_path / "a", tmp_path / "b")] == [
        ("1.log", b"a/1.log"),
        ("2.log", b"b/2.log"),
        ("c.log", b"c.log"),
    ]


def test_a_missing_path_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        files([tmp_path / "nowhere"])


@pytest.fixture
def folder_of_nobody() -> Iterator[Path]:
    """A folder of the user who runs this; as root, who may read everything, the test goes on as nobody."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(pwd.getpwnam("nobody").pw_uid)
    try:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)
    finally:
        if root:
            os.seteuid(0)


def test_a_path_that_may_not_be_read_is_an_error_only_when_given(folder_of_nobody: Path) -> None:
    locked = folder_of_nobody / "locked"
    locked.write_text("x")
    locked.chmod(0)
    with pytest.raises(PermissionError):
        files([locked])
    assert "Permission denied" in str(_read(folder_of_nobody)[0][2])


def test_what_is_no_file_is_said_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    assert [one[2] for one in _read(tmp_path)] == ["not a regular file", "not a regular file"]


def test_archives_within_archives_are_opened_to_a_depth(tmp_path: Path) -> None:
    content = b"log"
    for level in range(bounds.MAX_DEPTH + 1):
        content = _zip({f"{level}.zip" if level else "deep.log": content})
    (tmp_path / "a.zip").write_bytes(content)
    ((shown, _, error),) = _read(tmp_path / "a.zip")
    assert shown.endswith("!1.zip")
    assert "nested more than" in str(error)
    (tmp_path / "b.zip").write_bytes(_zip({"x/in.zip": _zip({"y/deep.log": b"log"})}))
    assert _read(tmp_path / "b.zip") == [("b.zip!x/in.zip!y/deep.log", "deep.log", b"log")]


def test_a_tar_gives_its_files_in_order(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for name in ("z.log", "a.log.gz"):
            entry = tarfile.TarInfo(name)
            entry.size = 1
            archive.addfile(entry, io.BytesIO(b"x"))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    assert _read(tmp_path / "a.tar") == [("a.tar!a.log.gz", "a.log", b"x"), ("a.tar!z.log", "z.log", b"x")]


def test_too_many_members_are_an_error_and_no_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_MEMBERS", 3)
    (tmp_path / "a.zip").write_bytes(_zip({f"{number}": b"x" for number in range(5)}))
    found = _read(tmp_path / "a.zip")
    assert [one[2] for one in found[:3]] == [b"x"] * 3
    assert "members" in str(found[3][2])
    assert len(found) == 4


def test_an_archive_that_expands_without_end_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "RATIO_FREE_BYTES", 1_000_000)
    (tmp_path / "a.zip").write_bytes(_zip({"bomb": b"\0" * 20_000_000, "inner.zip": _zip({"x": b"\0" * 20_000_000})}))
    monkeypatch.setattr(bounds, "MAX_RATIO", 100)
    opened = expanded(files([tmp_path / "a.zip"])[0], lambda _: None)
    source = next(opened)
    assert source.stream is not None
    with pytest.raises(bounds.ExcessError, match="times its size"):
        source.stream.read()
    assert "times its size" in next(opened).error


def test_a_nested_archive_that_is_too_large_for_a_copy_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_NESTED_BYTES", 100)
    (tmp_path / "a.zip").write_bytes(_zip({"in.zip": _zip({"x": os.urandom(1_000)}), "plain": b"read"}))
    found = _read(tmp_path / "a.zip")
    assert "larger than" in str(found[0][2])
    assert found[1][2] == b"read"


@pytest.mark.parametrize("keep", [30, 200, -30])
def test_a_damaged_archive_is_an_error_and_no_crash(tmp_path: Path, keep: int) -> None:
    (tmp_path / "a.zip").write_bytes(_zip({"x": os.urandom(300), "y": b"y"})[:keep])
    ((shown, _, error),) = _read(tmp_path / "a.zip")
    assert shown == "a.zip"
    assert error


def test_an_encrypted_member_is_an_error_and_the_others_are_read(tmp_path: Path) -> None:
    content = bytearray(_zip({"a": b"secret", "b": b"open"}))
    first, central = content.index(b"PK\x03\x04"), content.index(b"PK\x01\x02")
    content[first + 6] |= 1
    content[central + 8] |= 1
    (tmp_path / "a.zip").write_bytes(content)
    (_, _, error), (_, _, read) = _read(tmp_path / "a.zip")
    assert "encrypted" in str(error)
    assert read == b"open"


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-be"])
def test_utf_16_text_becomes_utf_8(tmp_path: Path, codec: str) -> None:
    text = "Grüße \U0001f600\n" * 1_000
    (tmp_path / "a.log").write_bytes(("\ufeff" + text).encode("utf-16-be") if codec == "utf-16-be" else text.encode(codec))
    assert _read(tmp_path / "a.log")[0][2] == text.encode()


def test_bytes_read_from_disk_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(b"x" * 1_000_000)
    told: list[int] = []
    (file,) = files([tmp_path / "a.log"])
    for source in expanded(file, told.append):
        assert source.stream is not None
        source.stream.read()
    assert sum(told) == 1_000_000
