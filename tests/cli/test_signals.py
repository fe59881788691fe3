"""A cell never becomes a formula, and a file that could not be read is said."""

import csv
import io

import pyarrow as pa
import pytest

from watchkeeper.cli.signals import say_skipped, write_signals
from watchkeeper.model.signal import SIGNAL_SCHEMA
from watchkeeper.model.sourceread import SourceRead


def _signal() -> dict[str, object]:
    return dict.fromkeys(SIGNAL_SCHEMA.names, "") | {
        "time": None, "row": 0, "level": "high", "title": "=cmd|' /c calc'!A0", "host": "ws1\x1b[2J", "user": "[/red] [bold]ann",
        "synthetic": False,
        "techniques": ["T1059"], "tactics": [], "entities": [], "matches": [{"field": "Image", "value": "x"}],
    }  # fmt: skip


def test_csv_holds_no_formula(capsys: pytest.CaptureFixture[str]) -> None:
    write_signals(pa.Table.from_pylist([_signal()], schema=SIGNAL_SCHEMA), "csv")
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert row["title"].startswith("'=")


def test_a_table_of_signals_without_incidents_has_no_such_column(capsys: pytest.CaptureFixture[str]) -> None:
    write_signals(pa.Table.from_pylist([_signal()], schema=SIGNAL_SCHEMA), "table")
    out = capsys.readouterr().out
    assert "Incident" not in out
    assert "\x1b[2J" not in out
    assert "[/red] [bold]ann" in out


def test_what_was_skipped_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    say_skipped(
        [
            SourceRead(source="a.json", reader="x", events=1, skipped={"not JSON": 2}),
            SourceRead(source="b", reader="", events=0, skipped={}),
        ]
    )
    assert capsys.readouterr().err == "a.json: 2 skipped: not JSON\n"
