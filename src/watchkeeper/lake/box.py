"""A process in which questions run, so that it can be killed. Owns the database, its locks, and what is said over the pipes.

It has no network and no environment, writes nothing, and is bounded in memory and processor time. Its databases open no file outside the
tenants' own folders, fetch nothing and take no setting. A frame is four bytes of length, a letter and what it says.
"""

import os
import struct
import threading
from collections.abc import Iterator, Sequence
from typing import IO, Literal, TypeAlias

import duckdb
import msgspec
import pyarrow as pa

from watchkeeper.lake.active import Chosen
from watchkeeper.lake.confined import bounded, more_processor_seconds, without_network_and_writing
from watchkeeper.lake.newest_first import narrowed
from watchkeeper.lake.question import Parser, Question, checked
from watchkeeper.lake.views import statements

SAID, SCHEMA, ROWS, END, WRONG = b"Q", b"S", b"R", b"E", b"W"
HEAD = struct.Struct(">Ic")
MOST_BYTES = 1 << 31
"""Of a frame."""
_LATE_ROWS = 10_000
"""Of a question for the newest so many, DuckDB finds the rows first and reads their other columns then."""
_BATCH_ROWS = 2_048
_ROOM_BYTES = 512 << 20
"""What DuckDB and Arrow take beside the memory that DuckDB counts."""


class Opened(msgspec.Struct, frozen=True, tag="open"):
    """Said once: whose folders the database reads, and what it may take."""

    folders: tuple[str, ...]
    memory_bytes: int
    threads: int


class Looked(msgspec.Struct, frozen=True, tag="look"):
    """Look at a question; the answer is `SAID` with a `Question`."""

    text: str
    rows: int


class Run(msgspec.Struct, frozen=True, tag="run"):
    """Run a question that was looked at; the answer is `SCHEMA`, `ROWS` and `END` with whether there is more."""

    question: Question
    files: Chosen
    span: str
    rows: int
    seconds: float
    result_bytes: int


Asked: TypeAlias = Opened | Looked | Run


class Wrong(msgspec.Struct, frozen=True):
    """Said with `WRONG`: why there is no answer."""

    kind: Literal["value", "memory", "time"]
    text: str


def main() -> None:
    """Answer what comes over standard input until it ends."""
    asks, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    opened = _read(asks)
    if isinstance(opened, Opened):
        database = locked(opened.folders, opened.memory_bytes, opened.threads)
        bounded(opened.memory_bytes + _ROOM_BYTES)
        without_network_and_writing()
        while (asked := _read(asks)) is not None:
            _answer(database, asked, opened.threads, answers)
    os._exit(0)  # nothing is kept, and whoever asked waits for the end


def _read(asks: IO[bytes]) -> Asked | None:
    head = asks.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    return msgspec.json.decode(asks.read(HEAD.unpack(head)[0]), type=Asked)


def _answer(database: duckdb.DuckDBPyConnection, asked: Asked, threads: int, answers: IO[bytes]) -> None:
    connection = database.cursor()
    late = threading.Event()
    try:
        for kind, said in _frames(connection, asked, threads, late):
            write(answers, kind, said)
    except (duckdb.OutOfMemoryException, MemoryError):
        _wrong(answers, "memory", "the question needs more memory than there is for questions; ask for less at a time")
    except (duckdb.Error, pa.ArrowException, UnicodeDecodeError) as error:
        _wrong(answers, "time" if late.is_set() else "value", told(error))
    except ValueError as error:
        _wrong(answers, "value", str(error))
    finally:
        connection.close()


def write(stream: IO[bytes], kind: bytes, said: bytes) -> None:
    """Write one frame."""
    stream.write(HEAD.pack(len(said), kind))
    stream.write(said)
    stream.flush()


def _wrong(answers: IO[bytes], kind: Literal["value", "memory", "time"], text: str) -> None:
    write(answers, WRONG, msgspec.json.encode(Wrong(kind, text)))


def _frames(connection: duckdb.DuckDBPyConnection, asked: Asked, threads: int, late: threading.Event) -> Iterator[tuple[bytes, bytes]]:
    if isinstance(asked, Looked):
        yield SAID, msgspec.json.encode(checked(asked.text, parser_of(connection), asked.rows))
    if isinstance(asked, Run):
        more_processor_seconds(asked.seconds * threads)

        def stop() -> None:
            late.set()
            connection.interrupt()

        timer = threading.Timer(asked.seconds, stop)
        timer.daemon = True
        timer.start()
        try:
            yield from _rows(connection, asked)
        finally:
            timer.cancel()


def _rows(connection: duckdb.DuckDBPyConnection, asked: Run) -> Iterator[tuple[bytes, bytes]]:
    files, span = narrowed(connection, asked.question, asked.files, asked.span)
    for statement in statements(files, span, asked.question.views, long=asked.question.long):
        connection.execute(statement)
    reader = connection.execute(asked.question.text).to_arrow_reader(_BATCH_ROWS)
    yield SCHEMA, reader.schema.serialize().to_pybytes()
    rows = size = 0
    for batch in reader:
        kept = _fitting(batch.slice(0, asked.rows - rows), asked.result_bytes - size)
        rows, size = rows + kept.num_rows, size + kept.nbytes
        if kept.num_rows:
            yield ROWS, kept.serialize().to_pybytes()
        if kept.num_rows < batch.num_rows:
            yield END, b"true"
            return
    yield END, b"false"


def _fitting(batch: pa.RecordBatch, size: int) -> pa.RecordBatch:
    while batch.num_rows and batch.nbytes > size:
        batch = batch.slice(0, batch.num_rows // 2)
    return batch


def parser_of(connection: duckdb.DuckDBPyConnection) -> Parser:
    """Give DuckDB's parser."""

    def one(sql: str, text: str) -> str:
        return str(connection.execute(sql, [text]).fetchall()[0][0])

    def moment(text: str) -> int | None:
        try:
            found = connection.execute(f"SELECT epoch_us(TRY_CAST(({text}) AS TIMESTAMPTZ))").fetchall()[0][0]
        except duckdb.Error:  # the question itself will say what is wrong with it
            return None
        return found if isinstance(found, int) else None

    return Parser(
        lambda text: one("SELECT json_serialize_sql(?)", text), lambda tree: one("SELECT json_deserialize_sql(?::JSON)", tree), moment
    )


def locked(folders: Sequence[str], memory_bytes: int, threads: int) -> duckdb.DuckDBPyConnection:
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


def told(error: Exception) -> str:
    """Give what is wrong with a question in one line; the tree that DuckDB shows below means nothing to anybody."""
    return str(error).split("\n\nLINE ")[0].split("\n")[0][:500]
