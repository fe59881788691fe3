"""Signatures are minisign's: what one side signs the other takes, and nothing that is written in another way."""

import base64
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.bundle.minisign import (
    FIRST_LINE,
    SecretKey,
    hashed,
    is_right,
    new_key,
    parse_public,
    parse_signature,
    public_file,
    sign,
)
from watchkeeper.bundle.secret_file import read_secret, write_secret

CONTENT = b"what is signed"
KEY = new_key(b"\x07" * 32, b"\x01\x02\x03\x04\x05\x06\x07\x08")


def test_what_is_signed_is_right_and_nothing_else() -> None:
    signature = parse_signature(sign(hashed([CONTENT]), KEY, "mine"))
    assert (signature.comment, is_right(signature, hashed([CONTENT]), KEY.public)) == ("mine", True)
    assert not is_right(signature, hashed([CONTENT, b"."]), KEY.public)
    assert not is_right(signature, hashed([CONTENT]), new_key(b"\x08" * 32, KEY.public.id).public)
    assert not is_right(signature, hashed([CONTENT]), new_key(b"\x07" * 32, b"another.").public)


def test_a_key_is_named_as_minisign_names_it() -> None:
    assert KEY.public.name == "0807060504030201"
    assert public_file(KEY.public).startswith("untrusted comment: minisign public key 0807060504030201\n")
    assert parse_public(public_file(KEY.public)) == parse_public(f"  {KEY.public.line}\n") == KEY.public
    assert "\\x07" not in repr(KEY)


def test_every_changed_byte_of_the_lines_is_seen() -> None:
    digest, lines = hashed([CONTENT]), sign(hashed([CONTENT]), KEY, "mine")
    for place in range(len(lines)):
        for mask in (0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xFF):
            changed = bytes((*lines[:place], lines[place] ^ mask, *lines[place + 1 :]))
            try:
                right = is_right(parse_signature(changed), digest, KEY.public)
            except ValueError:
                right = False
            assert not right, (place, mask)


@given(st.binary(max_size=400))
def test_any_bytes_are_a_signature_or_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="signature"):
        parse_signature(content)


@given(st.text(max_size=200))
def test_any_text_is_a_public_key_or_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"public key|base64"):
        parse_public(text)


def test_the_old_kind_of_signature_is_refused_with_what_to_do() -> None:
    lines = sign(hashed([CONTENT]), KEY, "mine").decode().split("\n")
    lines[1] = base64.b64encode(b"Ed" + base64.b64decode(lines[1])[2:]).decode()
    with pytest.raises(ValueError, match="without -l"):
        parse_signature("\n".join(lines).encode())


def test_a_comment_of_several_lines_is_refused() -> None:
    with pytest.raises(ValueError, match="one printable line"):
        sign(hashed([CONTENT]), KEY, "mine\nuntrusted comment: yours")


def _minisign(folder: Path, *words: str) -> str:
    program = shutil.which("minisign")
    if program is None:
        pytest.skip("minisign is not installed; `apt-get install minisign` installs it")
    return subprocess.run([program, *words], cwd=folder, capture_output=True, text=True, check=True).stdout


@pytest.mark.slow
def test_minisign_takes_our_signature_and_our_key(tmp_path: Path) -> None:
    (tmp_path / "content").write_bytes(CONTENT)
    (tmp_path / "content.minisig").write_bytes(sign(hashed([CONTENT]), KEY, "from us"))
    said = _minisign(tmp_path, "-Vm", "content", "-P", KEY.public.line, "-H")
    assert "Signature and comment signature verified" in said
    write_secret(tmp_path / "our.key", KEY)
    _minisign(tmp_path, "-S", "-W", "-s", "our.key", "-m", "content", "-x", "theirs", "-t", "with our key")
    assert is_right(parse_signature((tmp_path / "theirs").read_bytes()), hashed([CONTENT]), KEY.public)


@pytest.mark.slow
def test_we_take_minisigns_signature_and_key(tmp_path: Path) -> None:
    (tmp_path / "content").write_bytes(CONTENT)
    _minisign(tmp_path, "-G", "-W", "-p", "their.pub", "-s", "their.key")
    _minisign(tmp_path, "-S", "-W", "-s", "their.key", "-m", "content", "-t", "from them")
    signature = parse_signature((tmp_path / "content.minisig").read_bytes())
    public = parse_public((tmp_path / "their.pub").read_text("utf-8"))
    assert (signature.comment, is_right(signature, hashed([CONTENT]), public)) == ("from them", True)
    assert (tmp_path / "content.minisig").read_text("utf-8").startswith(FIRST_LINE)
    key: SecretKey = read_secret(tmp_path / "their.key")
    assert key.public == public
    (tmp_path / "content.minisig").write_bytes(sign(hashed([CONTENT]), key, "their key, our hand"))
    assert "their key, our hand" in _minisign(tmp_path, "-Vm", "content", "-p", "their.pub")
