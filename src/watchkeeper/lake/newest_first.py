"""Questions for the newest so many rows, over the newest files first. Owns how many files are looked into."""

import duckdb

from watchkeeper.lake.active import Chosen
from watchkeeper.lake.question import Question
from watchkeeper.lake.views import statements

Part = tuple[str, int | None]
"""A file, and the time of its newest event."""
_LARGE_ROWS, _END = 300_000, 8
"""Of files that are larger on average, the newest eighth of the time of the newest one is looked at first."""


def narrowed(connection: duckdb.DuckDBPyConnection, question: Question, files: Chosen, span: str) -> tuple[Chosen, str]:
    """Give the files and the condition that are enough for a question; what is not for the newest rows keeps them all.

    The times of the newest rows are read first, of twice as many files each time, until there are enough that are newer than all that is
    left: of those files few columns are read, and then of the rows since the oldest of those times all that is asked for.
    """
    if not question.newest:
        return files, span
    left = sorted(zip(files.paths, files.newest, strict=True), key=lambda one: (one[1] is not None, -(one[1] or 0)))
    count = max(1, sum(newest is None for _, newest in left))
    times = _times_at_the_end(connection, question, files, span)
    since = times[-1] if times else None
    kept: list[Part] = [left.pop(0)] if times else []
    while left and (since is None or left[0][1] is None or since < left[0][1]):
        group, left = left[:count], left[count:]
        found = _times(connection, question, _only(files, group), _since(span, since))
        kept += group if found else []
        times = sorted((*times, *(time for time in found if time is not None)), reverse=True)[: question.newest_rows]
        since = times[-1] if len(times) == question.newest_rows else None
        count *= 2
    needed = [one for one in kept if since is None or one[1] is None or one[1] >= since]
    return _only(files, needed), _since(span, since)


def _times_at_the_end(connection: duckdb.DuckDBPyConnection, question: Question, files: Chosen, span: str) -> list[int]:
    """Give the newest times if there are enough of them at the end of the newest file; else nothing."""
    if None in files.newest or not files.oldest or files.rows < _LARGE_ROWS * len(files.paths):
        return []
    path, newest, oldest = max(zip(files.paths, files.newest, files.oldest, strict=True), key=lambda one: one[1] or 0)
    if newest is None or oldest is None:
        return []
    found = _times(connection, question, _only(files, [(path, newest)]), _since(span, newest - (newest - oldest) // _END))
    times = sorted((time for time in found if time is not None), reverse=True)
    return times if len(times) == question.newest_rows else []


def _times(connection: duckdb.DuckDBPyConnection, question: Question, files: Chosen, span: str) -> list[int | None]:
    for statement in statements(files, span, question.views, long=question.long):
        connection.execute(statement)
    asked = f"SELECT epoch_us(newest) FROM ({question.newest}) AS times(newest)"  # noqa: S608 -- the question was looked at
    return [row[0] for row in connection.execute(asked).fetchall()]


def _only(files: Chosen, parts: list[Part]) -> Chosen:
    return Chosen(tuple(path for path, _ in parts), files.rows, files.mixed, tuple(newest for _, newest in parts))


def _since(span: str, since: int | None) -> str:
    return span if since is None else f"{span} AND _time >= make_timestamptz({since})"
