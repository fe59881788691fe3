from datetime import UTC, datetime
from pathlib import Path

import pytest

from watchkeeper.autopilot.intel_import import Wanted, import_files
from watchkeeper.autopilot.intelligence import known_of, matcher_of
from watchkeeper.autopilot.options import Options
from watchkeeper.detection.intel.canon import Defaults

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def _installed(tmp_path: Path) -> Path:
    (tmp_path / "one.txt").write_text("203.0.113.1\nbad.example\n")
    import_files([tmp_path / "one.txt"], Wanted(Defaults("feed")), tmp_path / "intel", NOW)
    return tmp_path / "intel"


def test_nothing_installed_is_nothing_to_compare_with(tmp_path: Path) -> None:
    assert matcher_of(Options(paths=(), intel=tmp_path / "intel")) is None
    assert matcher_of(Options(paths=())) is None


def test_the_organisations_own_is_left_out_and_its_watchlists_are_beside(tmp_path: Path) -> None:
    (tmp_path / "assets.yml").write_text("assets: []\nnetworks: [203.0.113.0/24]\ndomains: [corp.example]\n")
    (tmp_path / "w.yml").write_text("watchlists: [{name: w, reason: r, users: [ann]}]\n")
    options = Options(paths=(), intel=_installed(tmp_path), assets=tmp_path / "assets.yml", watchlists=tmp_path / "w.yml")
    installed, watched = known_of(options)
    own, bad = installed.verdicts([("address", "203.0.113.1"), ("domain", "bad.example")])
    assert own is not None
    assert bad is not None
    assert (own.rows, bool(bad.rows)) == ((), True)
    assert watched.verdicts([("user", "ann")]) != [None]


def test_a_network_that_is_none_is_said_with_the_file(tmp_path: Path) -> None:
    (tmp_path / "assets.yml").write_text("networks: [nowhere]\n")
    with pytest.raises(ValueError, match=r"assets.yml.*'nowhere' is none"):
        known_of(Options(paths=(), intel=_installed(tmp_path), assets=tmp_path / "assets.yml"))
