"""A key is made once, for its owner alone, and what is no key is refused."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from watchkeeper.settings.secret_key import KEY_BYTES, secret_key


def test_a_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "key"
    assert len(secret_key(path)) == KEY_BYTES
    assert secret_key(path) == secret_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["key"]


def test_processes_that_ask_at_once_get_the_same(tmp_path: Path) -> None:
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        assert len(set(pool.map(secret_key, [tmp_path / "key"] * 16))) == 1


def test_a_file_that_is_no_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"short")
    with pytest.raises(ValueError, match="is damaged"):
        secret_key(tmp_path / "key")
