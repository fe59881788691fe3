"""Questions in SQL over the event table. Owns the database that a question runs in, its limits, and stopping it.

Three locks, each of which alone holds: the question's tree names only views and functions on a list (`question`), the database opens no
file outside the tenants' own folders, fetches nothing and takes no setting, and files of other tenants are in no view.
"""

import threading
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

import duckdb
import pyarrow as pa

from watchkeeper.lake.active import ActiveFiles, Chosen, Wanted
from watchkeeper.lake.question import Parser, checked
from watchkeeper.lake.views import statements

_LATE_ROWS = 10_000
"""Of a question for the newest so many, DuckDB finds the rows first and reads their other columns then."""
_BATCH_ROWS = 2_048
_MOST_DATABASES = 8


@dataclass(frozen=True, slots=True)
class Limits:
    """What a question may take."""

    rows: int = 10_000
    seconds: float = 30
    result_bytes: int = 256 << 20
    """Of the answer; rows beyond it are left out."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question gave."""

    rows: pa.Table
    more: bool
    """Whether there are further rows, which a limit left out."""
    seconds: float
    files: int
    """Files that it could concern."""


class Asked:
    """A question that is about to be answered, so that it can be stopped."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, text: str, limits: Limits) -> None:
        """Look at it.

        Raises:
            ValueError: it is not one SELECT over the views.
        """
        self._connection, self._limits = connection, limits
        self._stopped, self._files = "", 0
        self._question = checked(text, Parser(self._tree, self._text), limits.rows + 1)

    def over(self, files: Chosen, span: str) -> Self:
        """Make the views over these files."""
        self._files = len(files.paths)
        for statement in statements(files, span, self._question.views, long=self._question.long):
            self._connection.execute(statement)
        return self

    def cancel(self) -> None:
        """Stop it, from another thread; whoever waits for the answer gets an `InterruptedError`."""
        self._stop("cancelled")

    def answer(self) -> Answer:
        """Give the answer; once.

        Raises:
            ValueError: it names a column that there is not, or calls a function wrongly.
            TimeoutError: it takes longer than it may.
            MemoryError: it needs more memory than it may.
            InterruptedError: it was stopped.
        """
        began = time.monotonic()
        timer = threading.Timer(self._limits.seconds, self._stop, ("late",))
        timer.daemon = True
        timer.start()
        try:
            rows, more = self._read()
        except duckdb.OutOfMemoryException as error:
            raise MemoryError("the question needs more memory than there is for questions; ask for less at a time") from error
        except duckdb.InterruptException as error:
            raise self._why() from error
        except (duckdb.Error, UnicodeDecodeError) as error:
            raise (self._why() if self._stopped else ValueError(_told(error))) from error
        finally:
            timer.cancel()
            self._connection.close()
        return Answer(rows, more, time.monotonic() - began, self._files)

    def explain(self) -> str:
        """Give DuckDB's plan of it."""
        return "\n".join(str(text) for _, text in self._connection.execute(f"EXPLAIN {self._question.text}").fetchall())

    def _tree(self, text: str) -> str:
        return str(self._connection.execute("SELECT json_serialize_sql(?)", [text]).fetchall()[0][0])

    def _text(self, tree: str) -> str:
        return str(self._connection.execute("SELECT json_deserialize_sql(?::JSON)", [tree]).fetchall()[0][0])

    def _read(self) -> tuple[pa.Table, bool]:
        if self._stopped:
            raise self._why()
        reader = self._connection.execute(self._question.text).to_arrow_reader(_BATCH_ROWS)
        kept, rows, size = list[pa.RecordBatch](), 0, 0
        for batch in reader:
            left = self._limits.rows - rows
            kept.append(batch.slice(0, left))
            rows, size = rows + batch.num_rows, size + batch.nbytes
            if batch.num_rows > left or size > self._limits.result_bytes:
                return pa.Table.from_batches(kept, reader.schema), True
        return pa.Table.from_batches(kept, reader.schema), False

    def _stop(self, why: str) -> None:
        self._stopped = self._stopped or why
        self._connection.interrupt()

    def _why(self) -> Exception:
        if self._stopped == "late":
            return TimeoutError(f"the question takes longer than {self._limits.seconds:g} seconds; ask for a shorter time or fewer columns")
        return InterruptedError("the question was stopped")


class Questions:
    """Answers questions in SQL over one event table; safe to share between threads, and the sooner the longer it is kept."""

    def __init__(self, folder: Path, memory_bytes: int = 1 << 30, threads: int = 2) -> None:
        """Take the table's folder; without a table every answer is empty. Memory and threads are those of all questions of one tenant."""
        self._active = ActiveFiles(folder)
        self._memory_bytes, self._threads = memory_bytes, threads
        self._lock = threading.Lock()
        self._opened: dict[tuple[str, ...] | None, duckdb.DuckDBPyConnection] = {}

    def ask(
        self,
        text: str,
        tenants: Collection[str] | None,
        limits: Limits | None = None,
        span: tuple[datetime | None, datetime | None] = (None, None),
    ) -> Asked:
        """Take a question over the events of these tenants, of all if none are given, within a span of time, both ends included.

        Raises:
            ValueError: it is not one SELECT over the views.
        """
        files = self._active.chosen(Wanted(tenants, *span))
        connection = self._connection(None if tenants is None else tuple(sorted(tenants)))
        try:
            return Asked(connection, text, limits or Limits()).over(files, _condition(*span))
        except duckdb.Error as error:
            connection.close()
            raise ValueError(_told(error)) from error
        except BaseException:
            connection.close()
            raise

    def close(self) -> None:
        """Give the memory back."""
        with self._lock:
            for database in self._opened.values():
                database.close()
            self._opened.clear()

    def _connection(self, tenants: tuple[str, ...] | None) -> duckdb.DuckDBPyConnection:
        """Give a connection of its own to the database of these tenants, which remembers what it has read of their files."""
        with self._lock:
            database = self._opened.pop(tenants, None)
            if database is None:
                folder = self._active.folder
                mine = [folder] if tenants is None else [folder / f"_tenant={tenant}" for tenant in tenants]
                database = _locked(mine, self._memory_bytes, self._threads)
            self._opened[tenants] = database
            if len(self._opened) > _MOST_DATABASES:
                self._opened.pop(next(iter(self._opened))).close()
            return database.cursor()


def _locked(folders: Sequence[Path], memory_bytes: int, threads: int) -> duckdb.DuckDBPyConnection:
    """Open a database that reads these folders and nothing else; no setting of it can be changed any more."""
    nothing: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": f"{memory_bytes}B",
        "threads": threads,
        "temp_directory": "",  # nothing is written
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    database = duckdb.connect(config=nothing)
    database.execute("SET GLOBAL allowed_directories = $1", [[f"{folder}/" for folder in folders]])
    for setting in (
        "TimeZone = 'UTC'",
        "parquet_metadata_cache = true",
        f"late_materialization_max_rows = {_LATE_ROWS}",
        "python_enable_replacements = false",
        "allow_community_extensions = false",
        "enable_external_access = false",
        "lock_configuration = true",
    ):
        database.execute(f"SET GLOBAL {setting}")
    return database


def _condition(start: datetime | None, end: datetime | None) -> str:
    """Bound every view in time; numbers alone go into the text."""
    bounds = [f"_time {sign} make_timestamptz({_micros(moment)})" for sign, moment in ((">=", start), ("<=", end)) if moment is not None]
    return " AND ".join(bounds) or "true"


def _micros(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000_000)


def _told(error: Exception) -> str:
    """Give what is wrong with a question in one line; the tree that DuckDB shows below means nothing to anybody."""
    return str(error).split("\n\nLINE ")[0].split("\n")[0][:500]
