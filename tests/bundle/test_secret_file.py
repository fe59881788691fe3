"""A secret key's file is minisign's, readable for its owner alone, and useless without its password."""

import base64
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.bundle import secret_file
from watchkeeper.bundle.minisign import hashed, is_right, new_key, parse_signature
from watchkeeper.bundle.secret_file import needs_password, read_secret, write_secret

KEY = new_key(b"\x07" * 32, b"\x01\x02\x03\x04\x05\x06\x07\x08")


@pytest.mark.parametrize("password", ["", "correct horse", "密码"])
def test_what_is_written_is_read_with_the_password(tmp_path: Path, password: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secret_file, "_OPERATIONS", 1 << 15)  # the real costs are paid in the commands' tests
    path = tmp_path / "ours.key"
    write_secret(path, KEY, password)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert needs_password(path) == bool(password)
    assert read_secret(path, password) == KEY
    if password:
        assert base64.b64encode(KEY.seed)[4:-4] not in path.read_bytes()
        with pytest.raises(ValueError, match="password does not fit"):
            read_secret(path, "wrong")


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    write_secret(tmp_path / "ours.key", KEY)
    with pytest.raises(FileExistsError):
        write_secret(tmp_path / "ours.key", KEY)


def test_a_changed_key_is_seen(tmp_path: Path) -> None:
    write_secret(tmp_path / "ours.key", KEY)
    head, line, _ = (tmp_path / "ours.key").read_bytes().split(b"\n")
    content = bytearray(base64.b64decode(line))
    content[70] ^= 1
    (tmp_path / "ours.key").write_bytes(head + b"\n" + base64.b64encode(content) + b"\n")
    with pytest.raises(ValueError, match="damaged"):
        read_secret(tmp_path / "ours.key")


@given(st.binary(max_size=300))
def test_any_bytes_are_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "key"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="no secret key"):
        needs_password(path)


def test_a_file_that_asks_for_absurd_memory_is_refused(tmp_path: Path) -> None:
    content = secret_file._FILE.pack(b"Ed", b"Sc", b"B2", bytes(32), 1 << 40, 1 << 40, bytes(104))
    (tmp_path / "key").write_bytes(b"untrusted comment: x\n" + base64.b64encode(content) + b"\n")
    with pytest.raises(ValueError, match="more than 1024 MiB"):
        read_secret(tmp_path / "key", "password")


@pytest.mark.slow
def test_minisign_reads_our_encrypted_key_and_we_read_its(tmp_path: Path) -> None:
    program = shutil.which("minisign")
    if program is None:
        pytest.skip("minisign is not installed; `apt-get install minisign` installs it")

    def minisign(*words: str, typed: str = "secret\n") -> None:
        subprocess.run([program, *words], cwd=tmp_path, input=typed, capture_output=True, text=True, check=True)

    (tmp_path / "content").write_bytes(b"what is signed")
    write_secret(tmp_path / "our.key", KEY, "secret")
    minisign("-S", "-s", "our.key", "-m", "content")
    assert is_right(parse_signature((tmp_path / "content.minisig").read_bytes()), hashed([b"what is signed"]), KEY.public)
    minisign("-G", "-p", "their.pub", "-s", "their.key", typed="secret\nsecret\n")
    assert needs_password(tmp_path / "their.key")
    assert read_secret(tmp_path / "their.key", "secret").public.line in (tmp_path / "their.pub").read_text("utf-8")
