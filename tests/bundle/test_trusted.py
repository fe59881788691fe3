"""Only a person decides whom to trust, and no key takes another's place unnoticed."""

from pathlib import Path

import pytest

from watchkeeper.bundle.minisign import new_key, public_file
from watchkeeper.bundle.trusted import distrust, read_key, trust, trusted

KEY = new_key(b"\x07" * 32, b"\x01\x02\x03\x04\x05\x06\x07\x08").public
IMPOSTOR = new_key(b"\x08" * 32, KEY.id).public


def test_a_trusted_key_stays_until_it_is_distrusted(tmp_path: Path) -> None:
    assert trusted(tmp_path) == ()
    assert (trust(tmp_path, KEY), trust(tmp_path, KEY)) == (True, False)
    assert trusted(tmp_path) == (KEY,)
    distrust(tmp_path, KEY.name.lower())
    assert trusted(tmp_path) == ()


def test_another_key_of_the_same_id_is_refused(tmp_path: Path) -> None:
    trust(tmp_path, KEY)
    with pytest.raises(ValueError, match="another key with the id 0807060504030201"):
        trust(tmp_path, IMPOSTOR)
    assert trusted(tmp_path) == (KEY,)


@pytest.mark.parametrize("name", ["0000000000000000", "../../etc/passwd", ""])
def test_what_is_not_trusted_is_not_distrusted(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="no key with the id"):
        distrust(tmp_path, name)


def test_a_key_is_a_file_or_a_line(tmp_path: Path) -> None:
    (tmp_path / "their.pub").write_text(public_file(KEY), "utf-8")
    assert read_key(str(tmp_path / "their.pub")) == read_key(KEY.line) == KEY
    with pytest.raises(ValueError, match="neither a file nor a public key"):
        read_key("nobody.pub")


def test_a_damaged_file_is_said(tmp_path: Path) -> None:
    trust(tmp_path, KEY)
    next(tmp_path.rglob("*.pub")).write_bytes(b"\xff\x00")
    with pytest.raises(ValueError, match="no public key"):
        trusted(tmp_path)
