"""Questions give rows of the tenants they are asked for, within limits, and what a question may not do the database refuses too."""

import threading
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from watchkeeper.lake import EventTable, Limits, Questions
from watchkeeper.lake.box import locked
from watchkeeper.lake.part_file import PART_SCHEMA

SLOW = "SELECT count(*) FROM events a, events b, events c, events d WHERE a._raw || b._raw <> c._raw || d._raw"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory, events: SimpleNamespace) -> Path:
    folder = tmp_path_factory.mktemp("events")
    table = EventTable(folder)
    rows = [{"_id": f"a{n:03d}", "src_endpoint.ip": f"10.0.0.{n}", "user.name": "jdoe", "class_uid": 3002} for n in range(100)]
    table.append(events.stored(*rows, {"_tenant": "other", "_host": "theirs", "src_endpoint.ip": "10.0.0.1"}), "w", 1)
    later = {"_time": events.BEGAN + timedelta(days=1), "_host": "ws2", "status": "Failure", "file.hashes.value": ["aa", "bb"]}
    table.append(
        events.stored({**later, "_fields": '{"a b":"1","c":["x","y"]}', "_id": "b"}, {**later, "_raw": "no json", "_id": "c"}), "w", 2
    )
    return folder


@pytest.fixture(scope="module")
def ask(lake: Path):
    questions = Questions(lake, memory_bytes=128 << 20)

    def asked(text: str, tenants=("default",), **limits):
        return questions.ask(text, tenants, Limits(**limits)).answer()

    yield asked
    questions.close()


def _rows(answer) -> list[dict]:
    return answer.rows.to_pylist()


def test_attributes_are_found_under_ocsf_and_ecs_names(ask) -> None:
    assert _rows(ask("SELECT _id FROM events WHERE src_endpoint.ip = '10.0.0.7'")) == [{"_id": "a007"}]
    assert _rows(ask("SELECT source.ip, user.name FROM ecs WHERE source.ip = '10.0.0.7'")) == [
        {"source.ip": "10.0.0.7", "user.name": "jdoe"}
    ]
    assert _rows(ask("SELECT DISTINCT event.category, event.outcome FROM ecs WHERE host.name = 'ws2'")) == [
        {"event.category": None, "event.outcome": "failure"}
    ]
    assert _rows(ask("SELECT count(*) n FROM events WHERE list_contains(file.hashes.value, 'bb')")) == [{"n": 2}]
    assert _rows(ask("SELECT _raw FROM raw WHERE _id = 'c'")) == [{"_raw": "no json"}]


def test_any_native_field_is_asked_for_by_name(ask) -> None:
    found = _rows(
        ask("SELECT field('EventID') e, field('a b') ab, field('c') c, field('no') n FROM events WHERE _id >= 'a099' ORDER BY _id")
    )
    assert found == [
        {"e": "1", "ab": None, "c": None, "n": None},
        {"e": None, "ab": "1", "c": '["x","y"]', "n": None},
        dict.fromkeys(("e", "ab", "c", "n")),
    ]


def test_what_takes_long_to_read_comes_only_by_name(ask) -> None:
    assert "_raw" not in ask("SELECT * FROM events LIMIT 1").rows.column_names
    assert "_raw" in ask("SELECT *, _raw r FROM events LIMIT 1").rows.column_names


def test_a_tenant_sees_its_own_events_alone(ask) -> None:
    count = "SELECT count(*) n, max(_tenant) t FROM {}"
    for tenants, rows, theirs in (
        (["default"], 102, "default"),
        (["other"], 1, "other"),
        (None, 103, "other"),
        ([], 0, None),
        (["nobody"], 0, None),
    ):
        for view in ("events", "ecs", "raw"):
            assert _rows(ask(count.format(view), tenants)) == [{"n": rows, "t": theirs}]


def test_the_database_itself_opens_nothing_else(lake: Path, tmp_path: Path) -> None:
    """The second lock: what a question could do if it were not looked at."""
    (theirs,) = (lake / "_tenant=other").rglob("*.parquet")
    pq.write_table(pa.table({"a": [1]}), tmp_path / "outside.parquet")
    database = locked([f"{lake}/_tenant=default"], 64 << 20, 1).cursor()
    for statement in (
        f"SELECT * FROM read_parquet('{theirs}')",
        f"SELECT * FROM '{theirs}'",
        f"SELECT * FROM read_parquet('{tmp_path}/outside.parquet')",
        "SELECT * FROM read_text('/etc/passwd')",
        f"SELECT * FROM read_parquet('{lake}/_tenant=default/../_tenant=other/*/*.parquet')",
        f"SELECT * FROM glob('{lake}/*')",
        "ATTACH '/tmp/none.db'",
        "INSTALL httpfs",
        "LOAD '/tmp/x.duckdb_extension'",
        f"COPY (SELECT 1) TO '{tmp_path}/new.csv'",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
        "SET threads = 64",
        "SET memory_limit = '64GB'",
        "SET lock_configuration = false",
        "RESET lock_configuration",
        "PRAGMA memory_limit = '64GB'",
        "SET temp_directory = '/tmp'",
        "EXPORT DATABASE '/tmp/none'",
        "SELECT * FROM read_csv('https://a.example/x.csv')",
        "SELECT * FROM tmp_path",
        "SELECT * FROM database",
    ):
        with pytest.raises(duckdb.Error):
            database.execute(statement).fetchall()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["outside.parquet"]


def test_rows_are_limited_and_it_is_said(ask) -> None:
    answer = ask("SELECT * FROM events", rows=10)
    assert (answer.rows.num_rows, answer.more) == (10, True)
    assert ask("SELECT * FROM events LIMIT 50", rows=10).more
    answer = ask("SELECT * FROM events LIMIT 10", rows=10)
    assert (answer.rows.num_rows, answer.more, answer.files) == (10, False, 2)
    assert ask("SELECT a._raw FROM events a, events b", rows=100_000, result_bytes=50_000).more


def test_time_is_limited(ask) -> None:
    with pytest.raises(TimeoutError, match=r"longer than 0.3 seconds"):
        ask(SLOW, seconds=0.3)


def test_memory_is_limited(ask) -> None:
    with pytest.raises(MemoryError, match="more memory than there is"):
        ask("SELECT list(x) FROM range(1000000000) t(x)")


def test_a_question_can_be_stopped_from_another_thread(lake: Path) -> None:
    questions = Questions(lake)
    asked = questions.ask(SLOW, None)
    stopping = threading.Timer(0.3, asked.cancel)
    stopping.start()
    with pytest.raises(InterruptedError, match="was stopped"):
        asked.answer()
    stopping.join()
    assert _rows(questions.ask("SELECT 1 a", None).answer()) == [{"a": 1}]
    questions.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("question", "error"),
    [
        ("SELECT list_sort(range(100000000))", TimeoutError | MemoryError),
        ("SELECT sum(a.n * b.n * c.n) FROM range(100000) a(n), range(100000) b(n), range(100000) c(n)", TimeoutError),
        (
            "SELECT list_sort(list_transform(range(3000000), lambda x: md5(x::VARCHAR))), count(*) FROM range(500)",
            TimeoutError | MemoryError,
        ),
        ("WITH RECURSIVE r AS (SELECT 1 n UNION ALL SELECT n + 1 FROM r) SELECT max(n) FROM r", TimeoutError),
        ("SELECT list(_raw || _raw || x::VARCHAR) FROM events, range(100000000) t(x)", MemoryError | TimeoutError),
        ("SELECT string_agg(x::VARCHAR, '') FROM range(10000000000) t(x)", MemoryError | TimeoutError | ValueError),
        (f"SELECT {'+'.join(['(SELECT count(*) FROM events)'] * 190)}", TimeoutError | type(None)),
    ],
)
def test_a_question_takes_no_more_than_it_may_and_the_next_is_answered(lake: Path, question: str, error: Any) -> None:
    questions = Questions(lake, memory_bytes=128 << 20)
    raised: Exception | None = None
    try:
        questions.ask(question, ["default"], Limits(seconds=0.5)).answer()
    except (TimeoutError, MemoryError, ValueError) as caught:
        raised = caught
    assert isinstance(raised, error)
    assert _rows(questions.ask("SELECT 1 a", ["default"]).answer()) == [{"a": 1}]
    questions.close()


def test_one_that_is_stopped_before_it_begins_never_does(lake: Path) -> None:
    asked = Questions(lake).ask("SELECT 1", None)
    asked.cancel()
    with pytest.raises(InterruptedError):
        asked.answer()


@pytest.mark.parametrize(
    "question",
    [
        "SELECT nosuch FROM events",
        "SELECT lower(1, 2)",
        "SELECT 'a'::INT",
        "SELECT filename FROM events",
        "SELECT file_row_number FROM raw",
    ],
)
def test_what_is_wrong_with_a_question_is_said_in_one_line(ask, question: str, lake: Path) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$") as caught:
        ask(question)
    assert str(lake) not in str(caught.value)


def test_a_span_of_time_bounds_every_view(lake: Path, events: SimpleNamespace) -> None:
    questions = Questions(lake)
    day = timedelta(days=1)
    for view in ("events", "ecs", "raw"):
        asked = questions.ask(f"SELECT count(*) n FROM {view}", ["default"], None, (events.BEGAN + day, None))
        answer = asked.answer()
        assert (_rows(answer), answer.files) == ([{"n": 2}], 1)
    early = questions.ask("SELECT count(*) n FROM events", ["default"], None, (None, events.BEGAN + timedelta(seconds=9)))
    assert _rows(early.answer()) == [{"n": 10}]


def test_conditions_and_columns_reach_the_files(lake: Path) -> None:
    questions = Questions(lake)
    for question in (
        "SELECT _id FROM events WHERE src_endpoint.ip = '10.9.9.9'",
        "SELECT event.code FROM ecs WHERE source.ip = '10.9.9.9'",
    ):
        plan = questions.ask(question, ["default"]).explain()
        assert "src_endpoint.ip='10.9.9.9'" in plan.replace("│", "").replace(" ", "").replace("\n", "")
        assert "cmd_line" not in plan


def test_files_of_an_older_and_a_newer_version_are_read_together(tmp_path: Path, events: SimpleNamespace) -> None:
    table = EventTable(tmp_path)
    table.append(events.stored({"url.url_string": "http://a/"}), "w", 1)
    (part,) = tmp_path.rglob("*.parquet")
    older = pq.read_table(part, schema=PART_SCHEMA).drop_columns(["url.url_string"])
    from deltalake.transaction import AddAction  # noqa: PLC0415 -- as an older version would have written it

    pq.write_table(older, part.with_name("w-older-000000.parquet"))
    partition = {"_tenant": "default", "_day": "2025-03-01"}
    add = AddAction(
        f"{part.parent.relative_to(tmp_path)}/w-older-000000.parquet", 1, partition, 0, data_change=True, stats='{"numRecords":1}'
    )
    table._commit([add], "w", 2)
    found = _rows(Questions(tmp_path).ask("SELECT url.url_string u FROM events ORDER BY 1", None).answer())
    assert found == [{"u": "http://a/"}, {"u": None}]


def test_new_events_are_seen_at_once(tmp_path: Path, events: SimpleNamespace) -> None:
    questions = Questions(tmp_path)
    count = "SELECT count(*) n FROM events"
    assert _rows(questions.ask(count, None).answer()) == [{"n": 0}]
    table = EventTable(tmp_path)
    for position in range(3):
        table.append(events.stored({}), "w", position)
        assert _rows(questions.ask(count, ["default"]).answer()) == [{"n": position + 1}]
