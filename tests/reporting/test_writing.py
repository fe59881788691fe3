"""Four files are written, whole and readable by others."""

import json
from pathlib import Path

from watchkeeper.model.incident import Case
from watchkeeper.reporting import write


def test_four_files_are_written(case: Case, tmp_path: Path) -> None:
    paths = write(case, tmp_path / "new" / "case", lang="en")
    assert [path.name for path in paths] == ["report.html", "report.md", "incidents.json", "navigator.json"]
    assert all(path.stat().st_size > 1_000 for path in paths)
    assert Case.model_validate_json(paths[2].read_bytes()) == case
    assert json.loads(paths[3].read_bytes())["domain"] == "enterprise-attack"


def test_the_same_case_is_written_the_same(case: Case, tmp_path: Path) -> None:
    first, second = write(case, tmp_path / "a", lang="zh"), write(case, tmp_path / "b", lang="zh")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
