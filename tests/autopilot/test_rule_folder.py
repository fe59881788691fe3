"""Only one replacement of one file puts rules in force; whatever else happens leaves what was there."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.autopilot.rule_folder import (
    CURRENT,
    LOCAL,
    VERSIONS,
    Current,
    current,
    incoming,
    installed,
    local,
    new_version,
    put_in_force,
)

MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def _install(folder: Path, digest: str, previous: str = "") -> Current:
    place = incoming(folder)
    (place / "rules").mkdir()
    (place / "rules" / "a.yml").write_text(digest, "utf-8")
    now = Current(new_version(digest, MOMENT), "rules.zip", digest, previous)
    put_in_force(folder, place / "rules", now)
    place.rmdir()
    return now


def test_a_version_in_force_is_found_with_ones_own_rules_beside_it(tmp_path: Path) -> None:
    assert current(tmp_path) is None
    now = _install(tmp_path, "a" * 64)
    assert now.version == "20260102T030405Z-aaaaaaaaaaaa"
    assert current(tmp_path) == now
    assert installed(tmp_path) == (tmp_path / VERSIONS / now.version, tmp_path / LOCAL)
    assert local(tmp_path) == (tmp_path / LOCAL,)


def test_the_version_before_stays_and_older_ones_go(tmp_path: Path) -> None:
    previous = ""
    for letter in "abc":
        previous = _install(tmp_path, letter * 64, previous).version
    assert sorted(path.name[-1] for path in (tmp_path / VERSIONS).iterdir()) == ["b", "c"]


def test_what_is_not_installed_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="watchkeeper rules update"):
        installed(tmp_path)


@pytest.mark.parametrize("content", ["", "[]", '{"version": "../../etc"}', '{"version": "../..", "origin": "", "digest": ""}', "\x00"])
def test_a_damaged_folder_is_said_and_leads_nowhere(tmp_path: Path, content: str) -> None:
    (tmp_path / CURRENT).write_text(content, "utf-8")
    with pytest.raises(ValueError, match="damaged"):
        installed(tmp_path)


@given(st.binary(max_size=200))
def test_nothing_in_the_file_leads_out_of_the_folder(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("any")
    (folder / CURRENT).write_bytes(content)
    with pytest.raises(ValueError, match="damaged"):
        installed(folder)


def test_what_a_killed_update_left_behind_goes_and_a_running_one_stays(tmp_path: Path) -> None:
    killed, running = incoming(tmp_path), incoming(tmp_path)
    os.utime(killed, (0, 0))
    incoming(tmp_path)
    assert (killed.exists(), running.exists()) == (False, True)


def test_a_name_that_is_taken_leaves_the_version_in_force(tmp_path: Path) -> None:
    now = _install(tmp_path, "a" * 64)
    place = incoming(tmp_path)
    (place / "rules").mkdir()
    (place / "rules" / "other.yml").write_text("", "utf-8")
    with pytest.raises(OSError, match="not empty"):
        put_in_force(tmp_path, place / "rules", now)
    assert [path.name for path in installed(tmp_path)[0].iterdir()] == ["a.yml"]
