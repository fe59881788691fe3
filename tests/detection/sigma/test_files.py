"""Finding rule files: folders, files, archives, and what cannot be read."""

import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.detection.sigma.files import MAX_FILE_BYTES, RuleFile, Unread, is_archive, rule_files


def test_folders_are_read_in_order_of_names(tmp_path: Path) -> None:
    for name in ("b/y.yml", "a/x.yaml", "a/readme.md", "a!/w.yml", "a/.yml"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("title: x", "utf-8")
    assert [Path(file.path).name for file in rule_files(tmp_path)] == ["x.yaml", "w.yml", "y.yml"]


def test_archives_are_read_with_the_names_of_their_members(tmp_path: Path) -> None:
    path = tmp_path / "rules.zip"
    assert not is_archive(tmp_path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("rules/windows/a.yml", "title: a")
        archive.writestr("LICENSE", "text")
        archive.writestr("rules/large.yml", "x" * (MAX_FILE_BYTES + 1))
    assert is_archive(path)
    large, small = rule_files(path)
    assert small == RuleFile(f"{path}!rules/windows/a.yml", b"title: a")
    assert isinstance(large, Unread)
    assert "larger than" in large.reason


def test_a_path_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(rule_files(tmp_path / "nothing"))


def test_what_is_no_ordinary_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "gone.yml").symlink_to(tmp_path / "nothing")
    os.mkfifo(tmp_path / "pipe.yml")
    assert list(rule_files(tmp_path)) == [
        Unread(str(tmp_path / "gone.yml"), "No such file or directory"),
        Unread(str(tmp_path / "pipe.yml"), "it is no ordinary file"),
    ]


@given(at=st.floats(0, 1), damage=st.binary(min_size=1, max_size=8))
def test_a_damaged_zip_is_told_and_not_raised(tmp_path_factory: pytest.TempPathFactory, at: float, damage: bytes) -> None:
    path = tmp_path_factory.mktemp("damaged") / "rules.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(f"{number}.yml", "title: a\n" * 50)
    content = bytearray(path.read_bytes())
    start = int(at * (len(content) - 1))
    content[start : start + len(damage)] = damage
    path.write_bytes(bytes(content))
    assert all(isinstance(file, RuleFile | Unread) for file in rule_files(path))
