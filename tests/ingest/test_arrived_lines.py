"""Every event of lines that were read together stands at the place of its first line."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import IO

from watchkeeper.ingest.arrived_lines import Line, Run
from watchkeeper.ingest.logsources import log_source
from watchkeeper.ingest.reader import Reader, Row, Skipped

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LINES = [Line(3, b"b"), Line(5, b"a"), Line(6, b"a"), Line(9, b"?")]


def _reader(*found: str | Skipped, fails: bool = False) -> Reader:
    def rows(_: IO[bytes]) -> Iterator[Row | Skipped]:
        for one in found:
            yield one if isinstance(one, Skipped) else Row(log_source("x"), None, "", {}, one)
        if fails:
            raise ValueError("broken")

    return Reader("x", lambda _: True, rows)


def test_lines_that_are_alike_keep_their_places_in_any_order() -> None:
    run = Run(LINES, NOW)
    assert [place for place, _ in run.rows(_reader("a", "b", "a"))] == [5, 3, 6]
    assert run.left() == []


def test_what_was_skipped_is_left() -> None:
    run = Run(LINES, NOW)
    list(run.rows(_reader("b\na", Skipped("odd"))))
    assert run.left() == [Line(6, b"a"), Line(9, b"?")]


def test_a_reader_that_fails_leaves_the_rest_and_says_why() -> None:
    run = Run(LINES, NOW)
    assert [place for place, _ in run.rows(_reader("b", fails=True))] == [3]
    assert len(run.left()) == 3
    assert run.error == "reader 'x' stopped: broken"
