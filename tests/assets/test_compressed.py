"""Packed files are read like others, and never further than allowed."""

import gzip
from pathlib import Path

import pytest
import zstandard

from watchkeeper.assets.compressed import read_lines, read_whole

TEXT = b"one\ntwo\n" * 1000
PACKED = {
    "plain": TEXT,
    "gzip": gzip.compress(TEXT),
    "zstd": zstandard.compress(TEXT),
    "two frames": gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:]),
}


@pytest.mark.parametrize("how", PACKED)
def test_any_packing_gives_the_same(tmp_path: Path, how: str) -> None:
    (tmp_path / "x").write_bytes(PACKED[how])
    assert read_whole(tmp_path / "x", 1 << 20) == TEXT
    assert list(read_lines(tmp_path / "x", 1 << 20, 100)) == [b"one\n", b"two\n"] * 1000


@pytest.mark.parametrize("how", PACKED)
def test_a_bomb_is_refused(tmp_path: Path, how: str) -> None:
    (tmp_path / "x").write_bytes(PACKED[how])
    with pytest.raises(ValueError, match="more than"):
        read_whole(tmp_path / "x", 100)
    with pytest.raises(ValueError, match="more than"):
        list(read_lines(tmp_path / "x", 100, 100))


def test_a_long_line_comes_cut(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"a" * 25 + b"\nb\n")
    assert list(read_lines(tmp_path / "x", 1000, 10)) == [b"a" * 10, b"a" * 10, b"aaaaa\n", b"b\n"]


@pytest.mark.parametrize(
    "content", [PACKED["gzip"][:-9], PACKED["zstd"][:30] + b"\xff" * 30, b"\x1f\x8b\x08"], ids=["gzip", "zstd", "head"]
)
def test_damage_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(ValueError, match="packing is damaged"):
        read_whole(tmp_path / "x", 1 << 20)
