"""A box opens its tenants' folders and nothing else, and cuts answers to size; over its pipes it says what a question gave."""

from pathlib import Path

import pyarrow as pa

from watchkeeper.lake.active import Chosen
from watchkeeper.lake.box import Run, _fitting, _rows, locked, parser_of
from watchkeeper.lake.question import checked


def _run(text: str, **limits) -> list[tuple[bytes, bytes]]:
    database = locked([], 64 << 20, 1)
    question = checked(text, parser_of(database), limits["rows"] + 1)
    found = list(_rows(database, Run(question, Chosen((), 0, mixed=False), "true", seconds=5, **limits)))
    database.close()
    return found


def _table(frames: list[tuple[bytes, bytes]]) -> pa.Table:
    schema = pa.ipc.read_schema(pa.py_buffer(frames[0][1]))
    return pa.Table.from_batches([pa.ipc.read_record_batch(pa.py_buffer(said), schema) for kind, said in frames if kind == b"R"], schema)


def test_an_answer_is_a_schema_rows_and_whether_there_is_more() -> None:
    frames = _run("SELECT * FROM range(5000) t(n)", rows=4000, result_bytes=1 << 20)
    assert _table(frames).column("n").to_pylist() == list(range(4000))
    assert frames[-1] == (b"E", b"true")
    assert _run("SELECT * FROM range(4000)", rows=4000, result_bytes=1 << 20)[-1] == (b"E", b"false")
    empty = _run("SELECT * FROM events", rows=9, result_bytes=1 << 20)
    assert (_table(empty).num_rows, empty[-1][1]) == (0, b"false")


def test_rows_that_do_not_fit_are_left_out() -> None:
    frames = _run("SELECT [x FOR x IN range(100)] FROM range(5000)", rows=5000, result_bytes=10_000)
    assert frames[-1] == (b"E", b"true")
    assert 0 < _table(frames).nbytes <= 10_000
    batch = pa.record_batch({"a": ["x" * 1000] * 9})
    assert _fitting(batch, 100).num_rows == 0
    assert _fitting(batch, 1 << 20).num_rows == 9


def test_no_setting_is_open(tmp_path: Path) -> None:
    database = locked([str(tmp_path)], 64 << 20, 1)
    settings = (
        "SELECT value FROM duckdb_settings() WHERE name IN ('enable_external_access', 'lock_configuration', 'temp_directory') ORDER BY name"
    )
    assert database.execute(settings).fetchall() == [("false",), ("true",), ("",)]
    database.close()
