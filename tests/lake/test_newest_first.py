"""The newest rows are the same over the newest files as over all of them, however files overlap."""

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.lake import EventTable
from watchkeeper.lake.active import ActiveFiles, Chosen, Wanted
from watchkeeper.lake.box import parser_of
from watchkeeper.lake.newest_first import narrowed
from watchkeeper.lake.part_file import PART_SCHEMA
from watchkeeper.lake.question import checked
from watchkeeper.lake.views import statements

row = st.tuples(st.sampled_from(("a", "b")), st.none() | st.integers(0, 40))


def _asked(files: Chosen, text: str, *, narrow: bool) -> tuple[list[Any], int]:
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        question = checked(text, parser_of(database), 1_000)
        used, span = narrowed(database, question, files, "true") if narrow else (files, "true")
        for statement in statements(used, span, question.views, long=question.long):
            database.execute(statement)
        return database.execute(question.text).to_arrow_table().to_pylist(), len(used.paths)


def _files(folder: Path, events: SimpleNamespace, commits: list[list[tuple[str, int | None]]], rows_told: int) -> Chosen:
    paths, newest, oldest = list[str](), list[int | None](), list[int | None]()
    for number, rows in enumerate(commits):
        times = [None if second is None else events.BEGAN + timedelta(seconds=second) for _, second in rows]
        stored = events.stored(
            *({"_host": host, "_time": time, "_received": events.BEGAN} for (host, _), time in zip(rows, times, strict=True))
        )
        place = folder / f"_tenant=default/_day={events.day}" / f"{number}.parquet"
        place.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(stored.select(PART_SCHEMA.names), place)
        paths.append(str(place))
        newest.append(max((round(time.timestamp() * 1e6) for time in times if time is not None), default=None))
        oldest.append(min((round(time.timestamp() * 1e6) for time in times if time is not None), default=None))
    return Chosen(tuple(paths), rows_told, mixed=False, newest=tuple(newest), oldest=tuple(oldest))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(row, min_size=1, max_size=5), min_size=3, max_size=7), st.integers(1, 6), st.sampled_from((1, 10_000_000)))
def test_the_newest_rows_are_those_of_all_files(
    tmp_path_factory: pytest.TempPathFactory,
    events: SimpleNamespace,
    commits: list[list[tuple[str, int | None]]],
    limit: int,
    rows_told: int,
) -> None:
    files = _files(tmp_path_factory.mktemp("lake"), events, commits, rows_told)
    for host in ("a", "c"):
        text = f"SELECT _time FROM events WHERE _host = '{host}' ORDER BY _time DESC LIMIT {limit} OFFSET {limit // 2}"
        assert _asked(files, text, narrow=True)[0] == _asked(files, text, narrow=False)[0]


def test_old_files_are_not_opened(tmp_path: Path, events: SimpleNamespace) -> None:
    table = EventTable(tmp_path)
    for hour in range(20):
        table.append(events.stored(*({"_time": events.BEGAN + timedelta(hours=hour, minutes=minute)} for minute in range(5))), "w", hour)
    files = ActiveFiles(tmp_path).chosen(Wanted(None))
    assert _asked(files, "SELECT * FROM events ORDER BY _time DESC LIMIT 3", narrow=True)[1] == 1
    assert _asked(files, "SELECT * FROM events WHERE _host = 'none' ORDER BY _time DESC LIMIT 3", narrow=True)[1] == 0
    assert _asked(files, "SELECT * FROM events ORDER BY _host LIMIT 3", narrow=True)[1] == 20
