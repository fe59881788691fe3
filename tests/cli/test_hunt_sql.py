"""`watchkeeper hunt 'SELECT …'` answers from the lake of the state folder; every example of the guide runs."""

import csv
import json
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from watchkeeper.cli import app
from watchkeeper.lake import EventTable
from watchkeeper.model.stored import STORED_SCHEMA

GUIDE = (Path(__file__).parents[2] / "docs" / "hunting.md").read_text("utf-8")
EXAMPLES = re.findall(r"^watchkeeper hunt \"(.*?)\"$", GUIDE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("state")
    row = {
        "_tenant": "default",
        "_day": date(2026, 1, 2),
        "_time": datetime(2026, 1, 2, tzinfo=UTC),
        "_host": "ws1",
        "_source": "edge",
        "_row": 0,
        "_raw": '{"Image":"a.exe"}',
        "_received": datetime(2026, 1, 2, tzinfo=UTC),
        "_product": "windows",
        "_service": "s",
        "_event_type": "1",
        "src_endpoint.ip": "10.0.0.1",
        "process.cmd_line": "=cmd",
    }
    rows = [{**row, "_id": f"{number:032x}"} for number in range(3)] + [{**row, "_id": "f" * 32, "_tenant": "acme"}]
    EventTable(folder / "lake" / "events").append(pa.Table.from_pylist(rows, schema=STORED_SCHEMA), "w", 1)
    return folder


def _run(state: Path, *words: str):
    return CliRunner().invoke(app, ["hunt", *words, "--state", str(state)])


def test_an_answer_is_a_table_json_lines_or_csv(state: Path) -> None:
    question = "SELECT _host, process.cmd_line FROM events LIMIT 1"
    assert "ws1" in _run(state, question).stdout
    assert json.loads(_run(state, question, "--format", "jsonl").stdout) == {"_host": "ws1", "process.cmd_line": "=cmd"}
    assert list(csv.reader(_run(state, question, "--format", "csv").stdout.splitlines()))[1] == ["ws1", "'=cmd"]


def test_an_answer_is_written_as_the_file_is_called(state: Path, tmp_path: Path) -> None:
    for name in ("a.csv", "a.jsonl", "a.parquet"):
        assert _run(state, "SELECT * FROM events", "--out", str(tmp_path / name)).exit_code == 0
    assert pq.read_table(tmp_path / "a.parquet").num_rows == 3
    assert len((tmp_path / "a.jsonl").read_text("utf-8").splitlines()) == 3
    assert "'xls' is not known" in _run(state, "SELECT 1", "--out", str(tmp_path / "a.xls")).stderr


def test_tenants_limits_and_what_is_left_out_are_said(state: Path) -> None:
    count = "SELECT count(*) n FROM events"
    found = [
        json.loads(_run(state, count, "--format", "jsonl", *words).stdout)["n"] for words in ((), ("--tenant", "acme"), ("--tenant", "*"))
    ]
    assert found == [3, 1, 4]
    done = _run(state, "SELECT * FROM events", "--limit", "2")
    assert "2 rows" in done.stderr
    assert "there are more: --limit" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("SELECT * FROM read_csv('/etc/passwd')",), "gives no rows here"),
        (("SELECT nosuch FROM events",), "nosuch"),
        (("SELECT 1", "--format", "xml"), "--format 'xml'"),
        (("SELECT 1", "--format", "parquet"), "--out"),
    ],
)
def test_what_cannot_be_asked_is_one_line(state: Path, words: tuple[str, ...], said: str) -> None:
    done = _run(state, *words)
    assert done.exit_code == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_without_a_lake_there_are_no_events(tmp_path: Path) -> None:
    assert "0 rows" in _run(tmp_path, "FROM events").stderr


@pytest.mark.parametrize("question", EXAMPLES, ids=lambda question: question[:40])
def test_every_example_of_the_guide_runs(state: Path, question: str) -> None:
    done = _run(state, question)
    assert done.exit_code == 0, done.stderr


def test_the_guide_has_examples() -> None:
    assert len(EXAMPLES) >= 6
