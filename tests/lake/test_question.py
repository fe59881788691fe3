"""A question names the views and what is on the list, and nothing else, however it is put."""

import json
from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.lake.box import parser_of
from watchkeeper.lake.question import MOST_CHARACTERS, MOST_TABLES, Parser, checked

HIDDEN = "duckdb_settings()"
PLACES = (
    "SELECT * FROM {}",
    "SELECT * FROM events UNION SELECT * FROM {}",
    "SELECT (SELECT count(*) FROM {})",
    "SELECT exists(FROM {})",
    "SELECT 1 WHERE 1 IN (SELECT 1 FROM {})",
    "SELECT [x FOR x IN (SELECT name FROM {})]",
    "SELECT * FROM events, LATERAL (SELECT * FROM {})",
    "SELECT * FROM events ORDER BY (SELECT max(name) FROM {})",
    "SELECT * FROM events LIMIT (SELECT count(*) FROM {})",
    "SELECT * FROM events LIMIT 1 OFFSET (SELECT count(*) FROM {})",
    "SELECT count(*) FILTER ((SELECT true FROM {} LIMIT 1)) FROM events",
    "SELECT CASE WHEN (SELECT count(*) FROM {}) > 1 THEN 1 END",
    "SELECT row_number() OVER (ORDER BY (SELECT max(name) FROM {})) FROM events",
    "SELECT CAST((SELECT max(name) FROM {}) AS VARCHAR)",
    "SELECT * FROM (VALUES ((SELECT max(name) FROM {})))",
    "WITH RECURSIVE r AS (SELECT 1 n UNION ALL SELECT n + 1 FROM r, {}) SELECT * FROM r",
    "WITH a AS (SELECT * FROM {}) SELECT * FROM a",
    "SELECT a.* REPLACE ((SELECT max(name) FROM {}) AS _host) FROM events a",
    "SELECT DISTINCT ON ((SELECT max(name) FROM {})) _host FROM events",
    "SELECT _host FROM events GROUP BY _host HAVING (SELECT true FROM {} LIMIT 1)",
    "SELECT 1 FROM events QUALIFY (SELECT true FROM {} LIMIT 1)",
    "SELECT * FROM events GROUP BY (SELECT max(name) FROM {})",
    "SELECT * FROM events JOIN events b ON (SELECT true FROM {} LIMIT 1)",
    "SELECT * FROM events POSITIONAL JOIN {}",
    "SELECT * FROM events ASOF JOIN {} b ON a.x > b.x",
    "SELECT * FROM range((SELECT count(*) FROM {}))",
    "SELECT list_transform([1], lambda x: (SELECT max(name) FROM {}))",
    "DESCRIBE SELECT * FROM {}",
    "SUMMARIZE SELECT * FROM {}",
    "SELECT * FROM {} PIVOT (count(*) FOR name IN ('a'))",
    "SELECT 1 BETWEEN 0 AND (SELECT count(*) FROM {})",
    "(SELECT 1) EXCEPT (SELECT name FROM {})",
    "SELECT sum(1 ORDER BY (SELECT max(name) FROM {})) FROM events",
    "SELECT struct_pack(a := (SELECT max(name) FROM {}))",
    "FROM {} SELECT name",
    "SELECT lead(_host, 1, (SELECT max(name) FROM {})) OVER () FROM events",
    "SELECT (SELECT max(name) FROM {}) COLLATE nocase",
)
"""Every place of a question that can hold a table."""
TABLES = (
    "read_parquet('/tmp/a')",
    "parquet_scan('/tmp/a')",
    "read_csv('/etc/passwd')",
    "read_csv_auto('/etc/passwd')",
    "read_text('/etc/passwd')",
    "read_blob('/etc/passwd')",
    "read_json('/tmp/a')",
    "read_ndjson('/tmp/a')",
    "read_duckdb('/tmp/a')",
    "sniff_csv('/etc/passwd')",
    "glob('/*')",
    "'/etc/passwd'",
    '"/etc/passwd"',
    "'https://a.example/x.csv'",
    "parquet_metadata('/tmp/a')",
    "parquet_schema('/tmp/a')",
    "parquet_bloom_probe('/tmp/a', 'b', 1)",
    "duckdb_settings()",
    "duckdb_views()",
    "duckdb_secrets()",
    "duckdb_functions()",
    "duckdb_logs()",
    "duckdb_logs_parsed('a')",
    "duckdb_external_file_cache()",
    "pragma_version()",
    "pragma_table_info('events')",
    "pragma_show('events')",
    "query('SELECT 1')",
    "query_table('events')",
    "json_execute_serialized_sql('{}')",
    "arrow_scan(1, 2, 3)",
    "pandas_scan(1)",
    "seq_scan('events')",
    "python_map_function(1)",
    "checkpoint()",
    "force_checkpoint()",
    "enable_logging()",
    "enable_profiling()",
    "truncate_duckdb_logs()",
    "which_secret('a', 'b')",
    "test_all_types()",
    "repeat_row(1, num_rows = 9)",
    "summary((SELECT 1))",
    "histogram(events, _host)",
    "histogram_values(events, _host)",
    "information_schema.tables",
    "pg_catalog.pg_class",
    "pg_class",
    "sqlite_master",
    "duckdb_tables",
    '"duckdb_tables"',
    "DUCKDB_TABLES",
    "main.events",
    "temp.main.events",
    "system.main.duckdb_tables",
    "main.duckdb_settings()",
    "system.main.read_text('/etc/passwd')",
    "some_python_name",
)
FUNCTIONS = (
    "getenv('HOME')",
    "current_setting('memory_limit')",
    "getvariable('a')",
    "nextval('a')",
    "write_log('a')",
    "setseed(0.5)",
    "sleep_ms(9)",
    "pg_sleep(9)",
    "version()",
    "current_query()",
    "json_serialize_sql('SELECT 1')",
    "json_serialize_plan('SELECT 1')",
    "json_deserialize_sql('{}')",
    "error('a')",
    "txid_current()",
    "current_database()",
    "main.getenv('HOME')",
    "system.main.current_setting('a')",
    "\"current_setting\"('a')",
    "CURRENT_SETTING('a')",
    "pg_get_viewdef(1)",
    "repeat('a', 4000000000)",
    "rpad('a', 2000000000, 'b')",
    "no_such_function(1)",
)
STATEMENTS = (
    "COPY events TO '/tmp/a'",
    "COPY (SELECT 1) TO '/tmp/a'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET threads = 8",
    "SET VARIABLE a = 1",
    "RESET threads",
    "PRAGMA version",
    "CALL pragma_version()",
    "ATTACH '/tmp/a.db'",
    "DETACH memory",
    "USE temp",
    "CREATE TABLE a AS SELECT 1",
    "CREATE MACRO a() AS 1",
    "CREATE SECRET (TYPE s3)",
    "DROP VIEW events",
    "INSERT INTO events SELECT 1",
    "DELETE FROM events",
    "UPDATE events SET _host = ''",
    "WITH a AS (SELECT 1) INSERT INTO events SELECT * FROM a",
    "EXPLAIN SELECT 1",
    "EXPLAIN ANALYZE SELECT 1",
    "PREPARE a AS SELECT 1",
    "EXECUTE a",
    "BEGIN",
    "COMMIT",
    "CHECKPOINT",
    "VACUUM",
    "ANALYZE",
    "EXPORT DATABASE '/tmp/a'",
    "IMPORT DATABASE '/tmp/a'",
    "SHOW TABLES",
    "SHOW ALL TABLES",
    "SHOW DATABASES",
    "PIVOT events ON _host USING count(*)",
    "SELECT 1; SELECT 2",
    "SELECT 1; DROP VIEW events",
    "",
    " ",
    ";",
    "-- a",
    "SELECT",
    "SELECT 1 /*",
    "SELECT $1",
    "SELECT ?",
    "SELECT * FROM events WHERE _host = $a",
    "SELECT '\ud800'",
    "SELECT 1\0",
)


@pytest.fixture(scope="module")
def parser() -> Iterator[Parser]:
    with duckdb.connect() as database:
        yield parser_of(database)


@pytest.mark.parametrize("place", PLACES)
def test_a_hidden_table_is_found_wherever_it_stands(parser: Parser, place: str) -> None:
    assert checked(place.format("events"), parser, 5) if "range(" not in place else True
    with pytest.raises(ValueError, match="duckdb_settings"):
        checked(place.format(HIDDEN), parser, 5)


@pytest.mark.parametrize("table", TABLES)
def test_nothing_but_the_views_can_be_read(parser: Parser, table: str) -> None:
    with pytest.raises(ValueError, match=r"gives no rows here|there is no table|no function that can be called"):
        checked(f"SELECT * FROM {table}", parser, 5)


@pytest.mark.parametrize("call", FUNCTIONS)
def test_nothing_but_the_listed_functions_can_be_called(parser: Parser, call: str) -> None:
    for question in (f"SELECT {call}", f"SELECT * FROM events WHERE {call} IS NULL", f"SELECT max({call}) OVER () FROM events"):
        with pytest.raises(ValueError, match="no function that can be called here"):
            checked(question, parser, 5)


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_question_is_one_select(parser: Parser, statement: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        checked(statement, parser, 5)


@pytest.mark.parametrize(
    "question",
    [
        "WITH duckdb_tables AS (SELECT * FROM duckdb_tables) SELECT * FROM duckdb_tables",
        'WITH "/etc/passwd" AS (SELECT 1) SELECT * FROM "/etc/passwd"',
        "WITH pg_class AS (SELECT 1) SELECT * FROM pg_class",
        "SELECT * FROM (WITH own AS (SELECT 1) SELECT * FROM own), own",
        "WITH b AS (SELECT * FROM c), c AS (SELECT 1) SELECT * FROM b",
        "WITH own AS (SELECT * FROM own) SELECT * FROM own",
    ],
)
def test_a_table_of_ones_own_hides_nothing_and_holds_where_it_is_made(parser: Parser, question: str) -> None:
    with pytest.raises(ValueError, match=r"no name for a table|there is no table"):
        checked(question, parser, 5)


@pytest.mark.parametrize(
    "question",
    [
        "SELECT " + "(" * 3000 + "1" + ")" * 3000,
        "SELECT " + "1+" * 9000 + "1",
        "SELECT " + "NOT " * 4000 + "true",
        "SELECT " + "- " * 5000 + "1",
        "SELECT " + "(SELECT " * 300 + "1" + ")" * 300,
        "SELECT a" + "::int" * 3000,
        "SELECT '" + "x" * MOST_CHARACTERS + "'",
        "WITH a0 AS (SELECT 1 x)"
        + "".join(f", a{n} AS (SELECT * FROM a{n - 1} UNION ALL SELECT * FROM a{n - 1})" for n in range(1, 40))
        + " SELECT * FROM a39",
        "SELECT * FROM " + ", ".join(f"events e{number}" for number in range(MOST_TABLES + 1)),
    ],
    ids=lambda question: question[:24],
)
def test_what_is_too_deep_or_too_much_is_refused(parser: Parser, question: str) -> None:
    with pytest.raises(ValueError, match=r"deep|depth|characters|too often"):
        checked(question, parser, 5)


@pytest.mark.parametrize(
    ("written", "run"),
    [
        ("SELECT src_endpoint.ip FROM events", 'SELECT "src_endpoint.ip" FROM events LIMIT 5'),
        ("SELECT e.src_endpoint.IP FROM events e", 'SELECT e."src_endpoint.IP" FROM events AS e LIMIT 5'),
        ("SELECT file.path FROM (SELECT 1 AS path) file", 'SELECT file.path FROM (SELECT 1 AS "path") AS file LIMIT 5'),
        ("SELECT host.name FROM ecs LIMIT 9", 'SELECT "host.name" FROM ecs LIMIT 9'),
        ("FROM raw", "SELECT * FROM raw LIMIT 5"),
    ],
)
def test_a_path_needs_no_quotes_and_rows_are_bounded(parser: Parser, written: str, run: str) -> None:
    assert checked(written, parser, 5).text.replace('"path"', "path") == run.replace('"path"', "path")


def test_what_takes_long_is_read_only_if_it_is_named(parser: Parser) -> None:
    assert not checked("SELECT * FROM events", parser, 5).long
    assert checked("SELECT field('Image') FROM events", parser, 5).long
    assert checked("SELECT _host FROM events WHERE _raw LIKE '%a%'", parser, 5).long
    assert checked("SELECT * FROM raw, ecs", parser, 5).views == {"raw", "ecs"}


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                *TABLES,
                *FUNCTIONS,
                *STATEMENTS,
                "SELECT",
                "*",
                "FROM",
                "events",
                "WITH a AS (",
                ")",
                "UNION",
                ";",
                ",",
                "(",
                "'",
                '"',
                "--",
                "/*",
                "\n",
            ]
        ),
        max_size=8,
    )
)
def test_pieces_put_together_anyhow_name_nothing_else(parser: Parser, pieces: list[str]) -> None:
    try:
        question = checked(" ".join(pieces), parser, 5)
    except ValueError:
        return
    assert json.loads(parser.tree(question.text))["error"] is False
    assert not any(name in question.text for name in ("duckdb_", "read_", "/etc", "query", "_scan", "pg_"))
