"""A story comes back from a case folder alone, and what is no case is said to be none."""

import shutil
from pathlib import Path

import pytest

from watchkeeper.autopilot.retelling import read_case, retell

WHOLE = Path(__file__).parents[1] / "cases" / "reporting" / "whole" / "case.json"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(WHOLE, tmp_path / "incidents.json")
    return tmp_path


def test_the_steps_are_the_story_with_the_numbers_of_the_report(folder: Path) -> None:
    told = retell(folder)
    trace = read_case(folder).incidents[0].trace
    assert trace
    assert [step.claim for step in told.steps] == list(trace.story)
    assert all(handle.startswith("E") for step in told.steps for handle in step.evidence)
    assert told.nodes == len(trace.nodes)


def test_what_cannot_be_told_is_said(folder: Path) -> None:
    with pytest.raises(ValueError, match="has no incident 99"):
        retell(folder, 99)
    with pytest.raises(ValueError, match="has no trace"):
        retell(folder, 2)
    with pytest.raises(FileNotFoundError, match="is no case"):
        retell(folder / "nowhere")
    (folder / "incidents.json").write_text("{}", "utf-8")
    with pytest.raises(ValueError, match="damaged"):
        retell(folder)
