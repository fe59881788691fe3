from datetime import UTC, datetime
from pathlib import Path

from watchkeeper.autopilot.intel_import import Wanted, import_files
from watchkeeper.detection.intel.canon import Defaults
from watchkeeper.detection.intel.installed import open_installed

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def test_files_are_imported_together_each_under_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("203.0.113.1\nrubbish\n")
    (tmp_path / "two.csv").write_text("ip,tags\n203.0.113.2,x\n203.0.113.1,y\n")
    (tmp_path / "three.bin").write_bytes(b"\0")
    done = import_files([tmp_path / name for name in ("one.txt", "two.csv", "three.bin")], Wanted(Defaults("")), tmp_path / "intel", NOW)
    assert [(file.name, file.format, file.account.kinds.total(), file.account.refused.total()) for file in done.files] == [
        ("one.txt", "text", 1, 1), ("two.csv", "csv", 2, 0), ("three.bin", "", 0, 1),
    ]  # fmt: skip
    assert done.merged.added == 3
    found = open_installed(tmp_path / "intel")
    assert found is not None
    assert sorted(found.lookup.indicators.column("source").to_pylist()) == ["one", "two", "two"]


def test_an_indicator_in_two_files_of_one_source_is_what_the_last_says(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("ip,confidence\n203.0.113.1,10\n")
    (tmp_path / "b.csv").write_text("ip,confidence\n203.0.113.1,90\n")
    import_files([tmp_path / "a.csv", tmp_path / "b.csv"], Wanted(Defaults("feed")), tmp_path / "intel", NOW)
    found = open_installed(tmp_path / "intel")
    assert found is not None
    assert found.lookup.indicators.column("confidence").to_pylist() == [90]
