"""A case folder is exported as asked, and what cannot be is said."""

import json
import shutil
from pathlib import Path

import pytest

from watchkeeper.autopilot.export import FORMATS, Asked, export

CASE = Path(__file__).parents[1] / "cases" / "reporting" / "whole" / "case.json"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copyfile(CASE, tmp_path / "incidents.json")
    return tmp_path


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_is_json_and_the_same_each_time(folder: Path, kind: str) -> None:
    text = export(folder, Asked(kind))
    assert text == export(folder, Asked(kind))
    assert all(json.loads(part) for part in (text.splitlines() if kind == "ocsf" else [text]))


@pytest.mark.parametrize("kind", ["stix", "ocsf", "navigator"])
def test_one_incident_is_less_than_all(folder: Path, kind: str) -> None:
    assert len(export(folder, Asked(kind, incident=2))) < len(export(folder, Asked(kind)))


@pytest.mark.parametrize(("rank", "message"), [(99, "no incident 99")])
def test_an_incident_that_is_not_there_is_said(folder: Path, rank: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        export(folder, Asked("stix", incident=rank))


def test_no_case_and_a_damaged_one_are_told_apart(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="is no case"):
        export(tmp_path / "nowhere", Asked("stix"))
    (folder / "incidents.json").write_text("{}")
    with pytest.raises(ValueError, match="damaged or of another version"):
        export(folder, Asked("stix"))
