"""What went wrong becomes a line and an exit code."""

import pytest
import typer

from watchkeeper.cli.plainly import fail_if_lost
from watchkeeper.model.sourceread import SourceRead


def _source(*, lost: bool) -> SourceRead:
    return SourceRead(source="a.json", reader="", events=0, skipped={}, lost=lost)


def test_what_is_lost_is_said_and_is_exit_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    fail_if_lost([_source(lost=False)])
    with pytest.raises(typer.Exit) as raised:
        fail_if_lost([_source(lost=False), _source(lost=True)])
    assert raised.value.exit_code == 1
    assert "1 of 2 files" in capsys.readouterr().err
