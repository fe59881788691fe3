"""What every reader promises whatever bytes it is given, as checks that raise. Owns no bytes: fuzzing and properties bring them."""

import io
import re
import time
from collections import Counter
from datetime import timedelta
from typing import NamedTuple

from watchkeeper.ingest.batching import Batcher, Placed
from watchkeeper.ingest.identity import EventIds
from watchkeeper.ingest.reader import HEAD_BYTES, Reader, Row, Skipped
from watchkeeper.ingest.streams import guarded
from watchkeeper.ingest.text_lines import text_lines
from watchkeeper.model.batch import Batch

BATCH_ROWS = 7
MOST_SECONDS = 5.0
"""Processor time for one input of up to `FREE_BYTES` bytes, and as much again for each so many more."""
FREE_BYTES = 65_536
MOST_REASON_CHARS = 200
MOST_GROWTH = 64
"""How many times the input what is read of it may take in memory, beyond `FREE_BYTES`."""
Found = list[Row | Skipped]
LINES = {
    "text": None,
    "auditd": None,
    "zeek_tsv": re.compile("#"),
    "w3c": re.compile(r"#|[A-Za-z][\w-]*,[\w,-]*\Z"),
    "vpc_flow": re.compile(".*srcaddr"),
}
"""Readers whose records are lines, and what a line looks like that may be a header and no record."""


class BrokenPromiseError(AssertionError):
    """A reader did with some bytes what no reader may."""


def check(reader: Reader, content: bytes) -> Found:
    """Give what the reader makes of the bytes.

    Raises:
        BrokenPromiseError: it lost something, gave something ill-formed, took too long or grew too large; the message says what.
        Exception: whatever the reader itself raised, which it may not.
    """
    begun = time.process_time()
    reader.sniff(content[:HEAD_BYTES])
    found = _read(reader, content)
    seconds = time.process_time() - begun
    if seconds > MOST_SECONDS * (1 + len(content) / FREE_BYTES):
        raise BrokenPromiseError(f"{len(content):,} bytes took {seconds:.1f} s")
    for one in found:
        _check_one(one)
    _check_growth(found, content)
    _check_batches(found)
    _check_lines(reader.name, found, content)
    return found


class Good(NamedTuple):
    """A record that can be read whatever lines stand before it."""

    opening: bytes
    """What a file has to begin with for that."""
    line: bytes
    raw: str
    """Its text as the reader gives it."""


def check_goes_on(reader: Reader, content: bytes, good: Good) -> None:
    """Check that a good record on a line of its own behind the bytes is read as it is without them.

    Raises:
        BrokenPromiseError: it is lost.
    """
    last = _read(reader, good.opening + content + b"\n" + good.line)[-1:]
    if not last or not isinstance(last[0], Row) or last[0].raw != good.raw:
        raise BrokenPromiseError(f"the good record behind it is lost: {last}")


def _read(reader: Reader, content: bytes) -> Found:
    return list(reader.rows(guarded(io.BytesIO(content), lambda _: None)))


def _check_one(one: Row | Skipped) -> None:
    if isinstance(one, Skipped):
        if not 0 < len(one.reason) <= MOST_REASON_CHARS or one.reason != one.reason.encode(errors="replace").decode():
            raise BrokenPromiseError(f"no reason to count by: {one.reason!r}")
        return
    if one.time is not None and one.time.utcoffset() != timedelta(0):
        raise BrokenPromiseError(f"a time that is not UTC: {one.time!r}")
    if not one.raw or not one.logsource.product:
        raise BrokenPromiseError(f"an event without text or log source: {one!r}")
    for name, value in one.fields.items():
        texts = [name, value] if isinstance(value, str) else [name, *value]
        if not all(isinstance(text, str) for text in texts):
            raise BrokenPromiseError(f"a field that is no text: {name!r} = {value!r}")


def _check_growth(found: Found, content: bytes) -> None:
    rows = [one for one in found if isinstance(one, Row)]
    texts = {id(text): len(text) for row in rows for name, value in row.fields.items() for text in (name, *_texts(value))}
    grown = sum(texts.values()) + sum(len(row.raw) for row in rows)
    if grown > FREE_BYTES + MOST_GROWTH * len(content):
        raise BrokenPromiseError(f"{len(content):,} bytes became {grown:,} characters")


def _texts(value: object) -> list[str]:
    return [value] if isinstance(value, str) else list(value) if isinstance(value, list) else []


def _check_batches(found: Found) -> None:
    identify, batcher = EventIds("input").of, Batcher(BATCH_ROWS)
    placed = [Placed(one, identify(at, one.raw), "input", at) for at, one in enumerate(found) if isinstance(one, Row)]
    batches = [batch for one in placed for batch in batcher.add(one)] + list(batcher.flush())
    for batch in batches:
        _check_batch(batch)
    ids = [event_id for batch in batches for event_id in batch.table["_id"].to_pylist()]
    if sorted(ids) != sorted(one.id for one in placed) or len(set(ids)) < len(ids):
        raise BrokenPromiseError(f"{len(placed)} events became {len(set(ids))} ids in {len(ids)} rows")


def _check_batch(batch: Batch) -> None:
    batch.table.validate(full=True)
    names = batch.table.column_names
    if len(set(names)) < len(names) or not 0 < batch.table.num_rows <= BATCH_ROWS:
        raise BrokenPromiseError(f"{batch.table.num_rows} rows with columns {Counter(names).most_common(3)}")


def _check_lines(name: str, found: Found, content: bytes) -> None:
    """A reader of lines gives each line that is not blank once: in an event, or counted; headers are none."""
    if name not in LINES:
        return
    written = [line for line in text_lines(io.BytesIO(content)) if isinstance(line, str)]
    header = LINES[name]
    least = len(written) if header is None else sum(header.match(line) is None for line in written)
    kept = sum(row.raw.count("\n") + 1 if name == "text" else 1 for row in found if isinstance(row, Row))
    skipped = sum(isinstance(one, Skipped) for one in found)
    # bytes that are blanks in one encoding are something in another: a reader may count such a line
    most = max(len(written), sum(1 for line in content.split(b"\n") if line.strip()))
    if not least <= kept + skipped <= most:
        raise BrokenPromiseError(f"{len(written)} lines became {kept} in events and {skipped} skipped")
