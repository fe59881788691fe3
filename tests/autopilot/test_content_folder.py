"""Only one replacement of one file puts rules in force; whatever else happens leaves what was there."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.autopilot.content_folder import (
    CURRENT,
    LOCAL,
    RULES,
    VERSIONS,
    Current,
    Origin,
    current,
    incoming,
    installed,
    kind_folder,
    local,
    put_in_force,
)

MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def _install(folder: Path, digest: str, kind: str = RULES) -> Current:
    place = incoming(folder)
    (place / "filled" / kind).mkdir(parents=True)
    (place / "filled" / kind / "a.yml").write_text(digest, "utf-8")
    now = put_in_force(folder, place / "filled", {kind: Origin("rules.zip", digest, MOMENT)})
    place.rmdir()
    return now


def test_a_version_in_force_is_found_with_ones_own_rules_beside_it(tmp_path: Path) -> None:
    assert current(tmp_path) is None
    now = _install(tmp_path, "a" * 64)
    assert now.version == "20260102T030405Z-aaaaaaaaaaaa"
    assert current(tmp_path) == now
    assert installed(tmp_path) == (tmp_path / VERSIONS / now.version / RULES, tmp_path / LOCAL)
    assert local(tmp_path) == (tmp_path / LOCAL,)


def test_the_version_before_stays_and_older_ones_go(tmp_path: Path) -> None:
    for letter in "abc":
        _install(tmp_path, letter * 64)
    assert sorted(path.name[-1] for path in (tmp_path / VERSIONS).iterdir()) == ["b", "c"]


def test_what_an_update_does_not_bring_is_carried_over(tmp_path: Path) -> None:
    _install(tmp_path, "a" * 64)
    now = _install(tmp_path, "b" * 64, "kev")
    assert {kind: origin.digest[0] for kind, origin in now.kinds.items()} == {RULES: "a", "kev": "b"}
    assert (installed(tmp_path)[0] / "a.yml").read_text("utf-8") == "a" * 64
    _install(tmp_path, "c" * 64, "kev")
    kev = kind_folder(tmp_path, "kev")
    assert kev is not None
    assert [(kev / "a.yml").read_text("utf-8")[0], (installed(tmp_path)[0] / "a.yml").read_text("utf-8")[0]] == ["c", "a"]
    assert kind_folder(tmp_path, "attack") is None


def test_content_without_rules_gives_no_rules(tmp_path: Path) -> None:
    _install(tmp_path, "a" * 64, "kev")
    with pytest.raises(FileNotFoundError, match="no rules are installed"):
        installed(tmp_path)


def test_what_is_not_installed_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="watchkeeper rules update"):
        installed(tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"version": "../../etc"}',
        '{"version": "../..", "kinds": {}}',
        '{"version": "20260102T030405Z-aaaaaaaaaaaa", "kinds": {"../..": {"file": "", "digest": "", "installed": "2026-01-02T03:04:05Z"}}}',
        "\x00",
    ],
)
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


def test_going_back_and_forth_within_a_second_works(tmp_path: Path) -> None:
    versions = [_install(tmp_path, letter * 64).version for letter in "aba"]
    assert versions[2] == "20260102T030406Z-aaaaaaaaaaaa"
    assert (installed(tmp_path)[0] / "a.yml").read_text("utf-8") == "a" * 64


def test_a_disk_that_is_full_leaves_the_version_in_force(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = _install(tmp_path, "a" * 64)
    before = sorted((tmp_path / VERSIONS / now.version).rglob("*"))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        _install(tmp_path, "b" * 64)
    assert (current(tmp_path), sorted((tmp_path / VERSIONS / now.version).rglob("*"))) == (now, before)
