"""What a question says of time bounds it exactly where that is sure, and not otherwise."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from watchkeeper.lake.box import parser_of
from watchkeeper.lake.question import Parser, checked

MARCH, APRIL = (round(datetime(2026, month, 1, tzinfo=UTC).timestamp() * 1e6) for month in (3, 4))
MINUTE = 60_000_000


@pytest.fixture(scope="module")
def parser() -> Iterator[Parser]:
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        yield parser_of(database)


@pytest.mark.parametrize(
    ("where", "start", "end"),
    [
        ("_time >= '2026-03-01'", MARCH, None),
        ("'2026-04-01' > _time", None, APRIL),
        ("_time BETWEEN TIMESTAMPTZ '2026-03-01' AND DATE '2026-04-01'", MARCH, APRIL),
        ("_host = 'a' AND (_time > '2026-03-01' AND e._time <= '2026-04-01')", MARCH, APRIL),
        ("_time = '2026-03-01'", MARCH, MARCH),
        ("_time > '2026-03-01' AND _time > '2026-04-01'", APRIL, None),
        ("_time > '2026-03-01' OR _host = 'a'", None, None),
        ("NOT _time > '2026-03-01'", None, MARCH),
        ("_received > '2026-03-01'", None, None),
        ("_time > _received", None, None),
        ("_time > 'no time'", None, None),
        ("_time < now()", None, None),
        ("_time > (SELECT max(_time) FROM events)", None, None),
        ("lower(_time::VARCHAR) > '2026-03-01'", None, None),
        ("_time > 'infinity'", None, None),
    ],
)
def test_plain_conditions_that_must_all_hold_bound_it(parser: Parser, where: str, start: int | None, end: int | None) -> None:
    found = checked(f"SELECT * FROM events e WHERE {where}", parser, 5).span
    assert found == (None if start is None else start - MINUTE, end)


def test_a_clock_bounds_it_from_below(parser: Parser) -> None:
    (start, end) = checked("SELECT * FROM events WHERE _time > now() - INTERVAL 1 DAY", parser, 5).span
    ago = datetime.now(UTC) - timedelta(days=1)
    assert end is None
    assert start is not None
    assert ago - timedelta(minutes=5) < datetime.fromtimestamp(start / 1e6, UTC) < ago


@pytest.mark.parametrize(
    ("question", "start", "end"),
    [
        ("SELECT * FROM (SELECT * FROM events WHERE _time > '2026-03-01')", MARCH, None),
        ("SELECT * FROM events WHERE _time > '2026-03-01' UNION ALL SELECT * FROM events WHERE _time > '2026-04-01'", MARCH, None),
        ("SELECT * FROM events WHERE _time > '2026-03-01' UNION ALL SELECT * FROM events", None, None),
        ("SELECT * FROM events a, events b WHERE a._time > '2026-03-01'", None, None),
        ("SELECT * FROM events WHERE _time > '2026-03-01' AND _id IN (SELECT _id FROM ecs)", None, None),
        ("WITH own AS (SELECT * FROM events WHERE _time < '2026-04-01') SELECT * FROM own", None, APRIL),
        ("WITH events AS (SELECT * FROM events) SELECT * FROM events WHERE _time < '2026-04-01'", None, None),
        ("SELECT * FROM events AS e(_time) WHERE _time > '2026-03-01'", None, None),
        ("SELECT count(*) FILTER (_time > '2026-03-01') FROM events", None, None),
        ("SELECT * FROM ecs WHERE \"@timestamp\" > '2026-03-01'", MARCH, None),
        ("SELECT 1", None, None),
    ],
)
def test_every_place_that_asks_a_view_counts(parser: Parser, question: str, start: int | None, end: int | None) -> None:
    assert checked(question, parser, 5).span == (None if start is None else start - MINUTE, end)


@pytest.mark.parametrize(
    ("question", "rows"),
    [
        ("SELECT * FROM events ORDER BY _time DESC LIMIT 200", 200),
        ("SELECT _id, lower(_host) h FROM events e WHERE _host = 'a' ORDER BY e._time DESC NULLS LAST LIMIT 10 OFFSET 5", 15),
        ('SELECT host.name FROM ecs ORDER BY "@timestamp" DESC LIMIT 3', 3),
        ("SELECT * FROM events ORDER BY _time DESC", 5),
        ("SELECT * FROM events ORDER BY _time DESC NULLS FIRST LIMIT 200", 0),
        ("SELECT * FROM events ORDER BY _time LIMIT 200", 0),
        ("SELECT * FROM events ORDER BY _time DESC, _id LIMIT 200", 0),
        ("SELECT * FROM events ORDER BY _received DESC LIMIT 200", 0),
        ("SELECT count(*) FROM events ORDER BY _time DESC LIMIT 200", 0),
        ("SELECT max(_id) OVER () FROM events ORDER BY _time DESC LIMIT 2", 0),
        ("SELECT unnest(file.hashes.value) FROM events ORDER BY _time DESC LIMIT 2", 0),
        ("SELECT DISTINCT _host, _time FROM events ORDER BY _time DESC LIMIT 2", 0),
        ("SELECT _host, _time FROM events GROUP BY ALL ORDER BY _time DESC LIMIT 2", 0),
        ("SELECT _received AS _time FROM events ORDER BY _time DESC LIMIT 2", 0),
        ("SELECT * REPLACE (_received AS _time) FROM events ORDER BY _time DESC LIMIT 2", 0),
        ("SELECT * FROM events WHERE _id IN (SELECT _id FROM events) ORDER BY _time DESC LIMIT 2", 0),
        ("SELECT * FROM events ORDER BY _time DESC LIMIT 10%", 0),
        ("SELECT * FROM events ORDER BY _time DESC LIMIT 1 + 1", 0),
        ("SELECT * FROM events ORDER BY _time DESC OFFSET 1", 0),
        ("SELECT * FROM events QUALIFY row_number() OVER () < 5 ORDER BY _time DESC LIMIT 2", 0),
        ("SELECT * FROM events USING SAMPLE 10 ROWS ORDER BY _time DESC LIMIT 2", 0),
        ("SELECT * FROM events, events b ORDER BY _time DESC LIMIT 2", 0),
    ],
)
def test_a_question_for_the_newest_rows_is_known(parser: Parser, question: str, rows: int) -> None:
    found = checked(question, parser, 5)
    assert (found.newest_rows, bool(found.newest)) == (rows, rows > 0)
