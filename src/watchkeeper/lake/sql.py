"""Questions in SQL over the event table: what a question may take, choosing its files, its answer, and stopping it.

Three locks, each of which alone holds: the question's tree names only views and functions on a list (`question`), the database opens no
file outside the tenants' own folders, fetches nothing and takes no setting, and files of other tenants are in no view. Around them stands
a process that is killed with its question (`box`).
"""

import threading
import time
import weakref
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pyarrow as pa
from msgspec import structs

from watchkeeper.lake.active import ActiveFiles, Wanted
from watchkeeper.lake.box import ROWS, SCHEMA, Looked, Opened, Run
from watchkeeper.lake.boxes import Box, Boxes
from watchkeeper.lake.question import Question
from watchkeeper.lake.reach import Span

_GRACE_SECONDS = 1.0
"""A question that has not stopped so long after its time is killed."""
_LOOK_SECONDS, _LOOK_BYTES = 10.0, 4 << 20
_ROOM_BYTES = 1 << 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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

    def __init__(self, boxes: Boxes, database: Opened, run: Run) -> None:
        """Take a question that was looked at, and where it runs."""
        self._boxes, self._database, self._run = boxes, database, run
        self._lock = threading.Lock()
        self._box: Box | None = None
        self._stopped = False

    def cancel(self) -> None:
        """Stop it, from another thread; whoever waits for the answer gets an `InterruptedError`."""
        with self._lock:
            self._stopped = True
            if self._box is not None:
                self._box.kill()

    def answer(self) -> Answer:
        """Give the answer; once.

        Raises:
            ValueError: it names a column that there is not, or calls a function wrongly.
            TimeoutError: it takes longer than it may.
            MemoryError: it needs more memory than it may.
            InterruptedError: it was stopped.
        """
        began = time.monotonic()
        with self._boxes.lent(self._database) as box:
            try:
                self._held(box)
                rows, more = _read(box, self._run)
            except (ValueError, TimeoutError, MemoryError) as error:
                self._settled(error)
                raise
            finally:
                with self._lock:
                    self._box = None
        return Answer(rows, more, time.monotonic() - began, len(self._run.files.paths))

    def explain(self) -> str:
        """Give DuckDB's plan of it."""
        plan = replace(self._run.question, text=f"EXPLAIN {self._run.question.text}", newest="")
        asked = Asked(self._boxes, self._database, structs.replace(self._run, question=plan))
        return "\n".join(str(text) for text in asked.answer().rows.column(1).to_pylist())

    def _held(self, box: Box) -> None:
        with self._lock:
            if self._stopped:
                raise InterruptedError("the question was stopped")
            self._box = box

    def _settled(self, error: Exception) -> None:
        if self._stopped:
            raise InterruptedError("the question was stopped") from error


class Questions:
    """Answers questions in SQL over one event table; safe to share between threads, and the sooner the longer it is kept."""

    def __init__(self, folder: Path, memory_bytes: int = 1 << 30, threads: int = 2) -> None:
        """Take the table's folder; without a table every answer is empty. Memory and threads are those of each question."""
        self._active = ActiveFiles(folder.absolute())
        self._memory_bytes, self._threads = memory_bytes, threads
        self._boxes = Boxes()
        weakref.finalize(self, self._boxes.close)

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
        most = limits or Limits()
        database = self._database(tenants)
        try:
            with self._boxes.lent(database) as box:
                question = _looked_at(box, text, most)
        except (TimeoutError, MemoryError) as error:
            raise ValueError("the question is too much to be looked at; ask something shorter") from error
        files = self._active.chosen(_within(Wanted(tenants, *span), question.span))
        return Asked(self._boxes, database, Run(question, files, _condition(*span), most.rows, most.seconds, most.result_bytes))

    def close(self) -> None:
        """Give the memory back, and end every process."""
        self._boxes.close()

    def _database(self, tenants: Collection[str] | None) -> Opened:
        folder = self._active.folder
        mine = (folder,) if tenants is None else tuple(folder / f"_tenant={tenant}" for tenant in sorted(tenants))
        return Opened(tuple(map(str, mine)), self._memory_bytes, self._threads)


def _looked_at(box: Box, text: str, limits: Limits) -> Question:
    try:
        said = list(box.ask(Looked(text, limits.rows + 1), _LOOK_SECONDS, _LOOK_BYTES))
    except UnicodeEncodeError as error:
        raise ValueError("the question is no text") from error
    return msgspec.json.decode(said[0][1], type=Question)


def _read(box: Box, run: Run) -> tuple[pa.Table, bool]:
    """Read an answer, and believe nothing that Arrow has not looked at."""
    schema, batches, more = pa.schema([]), list[pa.RecordBatch](), False
    try:
        for kind, said in box.ask(run, run.seconds + _GRACE_SECONDS, 2 * run.result_bytes + _ROOM_BYTES):
            if kind == SCHEMA:
                schema = pa.ipc.read_schema(pa.py_buffer(said))
            elif kind == ROWS:
                batches.append(pa.ipc.read_record_batch(pa.py_buffer(said), schema))
            else:
                more = said == b"true"
        rows = pa.Table.from_batches(batches, schema)
        rows.validate(full=True)
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, TimeoutError):
            raise TimeoutError(
                f"the question takes longer than {run.seconds:g} seconds; ask for a shorter time or fewer columns"
            ) from error
        box.kill()
        raise ValueError(f"the answer cannot be read: {error}"[:500]) from error
    return rows, more


def _within(wanted: Wanted, span: Span) -> Wanted:
    """Bound what is wanted by what the question itself bounds."""
    start, end = (None if micros is None else _moment(micros) for micros in span)
    starts, ends = ([one for one in pair if one is not None] for pair in ((wanted.start, start), (wanted.end, end)))
    return replace(wanted, start=max(starts, default=None), end=min(ends, default=None))


def _moment(micros: int) -> datetime | None:
    try:
        return _EPOCH + timedelta(microseconds=micros)
    except OverflowError:
        return None


def _condition(start: datetime | None, end: datetime | None) -> str:
    """Bound every view in time; numbers alone go into the text."""
    bounds = [f"_time {sign} make_timestamptz({_micros(moment)})" for sign, moment in ((">=", start), ("<=", end)) if moment is not None]
    return " AND ".join(bounds) or "true"


def _micros(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000_000)
