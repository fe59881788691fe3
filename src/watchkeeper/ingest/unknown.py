"""Files of text that no reader knows, kept as they are. Owns the sample that is kept; `suggest` proposes how to read them.

The first 1,000 records of a file are events, and then every 100th; the others are counted. Nothing in a record is guessed: an event has its
`message`, and a time only where one stands first and cannot be anything else.
"""

import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from hashlib import blake2b
from itertools import islice
from typing import IO

from watchkeeper.ingest.jsonstream import Record, records
from watchkeeper.ingest.log_times import iso
from watchkeeper.ingest.logsources import log_source
from watchkeeper.ingest.reader import HEAD_BYTES, Reader, Row, Skipped
from watchkeeper.ingest.text_lines import text_lines
from watchkeeper.ingest.timestamps import from_epoch
from watchkeeper.model.logsource import LogSource
from watchkeeper.model.sourceread import UNKNOWN_READER

KEPT_FIRST = 1_000
"""So many records from the beginning of a file are kept."""
KEPT_EACH = 100
"""Of the others, one in so many."""
LEFT_OUT = Skipped(f"of a format that no reader knows: beyond the first {KEPT_FIRST:,}, one record in {KEPT_EACH} is kept")
_LOOKED_AT = 64
_WORDS = 2
_MOST_CONTROL = 0.01
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f\ufffd]")
_NO_LOG = b"%PDF"
_OPENING = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*[\[{]")
_TIME = re.compile(
    r"[\[\"'(]?(?:(?P<iso>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)"
    r"|(?P<epoch>1\d{9}(?:\d{3})?(?:\.\d{1,9})?))(?=[\s,;|\])\"']|\Z)"
)
_SECONDS_DIGITS = 10


def sniff(head: bytes) -> bool:
    """Say whether a file looks like text: it has no zero byte, and hardly a character that no text has."""
    if not head.strip() or b"\0" in head or head.startswith(_NO_LOG):
        return False
    found = "".join(line for line in islice(text_lines(io.BytesIO(_whole(head))), _LOOKED_AT) if isinstance(line, str))
    return bool(found) and len(_CONTROL.findall(found)) <= _MOST_CONTROL * len(found)


def raw_records(stream: IO[bytes], head: bytes) -> Iterator[str | Skipped]:
    """Yield each record as text: an object where the file is JSON, else a line that is not blank."""
    if not _is_json(head):
        yield from text_lines(stream)
        return
    for record in records(stream):
        yield record.raw if isinstance(record, Record) else record


def shape(head: bytes) -> str:
    """Give a short name for what a file looks like, the same for files of one source: by its members, or by how its lines begin."""
    if _is_json(head):
        first = next(_objects(head), None)
        return f"json-{_digest(sorted(first.value)[:_LOOKED_AT] if first else [])}"
    lines = (line for line in islice(text_lines(io.BytesIO(_whole(head))), _LOOKED_AT) if isinstance(line, str))
    (begins, _), *_ = Counter(map(_skeleton, lines)).most_common(1) or [("", 0)]
    return f"lines-{_digest([begins])}"


def rows(stream: IO[bytes]) -> Iterator[Row | Skipped]:
    """Yield a row for each record of the sample, and count the others."""
    peek: Callable[[int], bytes] | None = getattr(stream, "peek", None)
    head = stream.read(HEAD_BYTES) if peek is None else peek(HEAD_BYTES)[:HEAD_BYTES]
    whole = io.BytesIO(head + stream.read()) if peek is None else stream
    source = log_source("unknown", shape(head))
    for number, record in enumerate(raw_records(whole, head)):
        if isinstance(record, Skipped):
            yield record
        else:
            yield kept(source, record) if number < KEPT_FIRST or number % KEPT_EACH == 0 else LEFT_OUT


def kept(source: LogSource, record: str) -> Row:
    """Give the row of a record that is kept as it is."""
    return Row(source, _time(record), "", {"message": record}, record)


def _time(record: str) -> datetime | None:
    found = _TIME.match(record)
    if found is None:
        return None
    if found["iso"]:
        return iso(found["iso"])
    whole = len(found["epoch"].partition(".")[0])
    return from_epoch(found["epoch"], per_second=1 if whole == _SECONDS_DIGITS else 1_000)


def _whole(head: bytes) -> bytes:
    """Leave out the last line of a head that was cut off."""
    return head if len(head) < HEAD_BYTES else head[: head.rfind(b"\n") + 1] or head


def _is_json(head: bytes) -> bool:
    return _OPENING.match(head) is not None and next(_objects(head), None) is not None


def _objects(head: bytes) -> Iterator[Record]:
    return (one for one in islice(records(io.BytesIO(head)), _LOOKED_AT) if isinstance(one, Record))


def _skeleton(line: str) -> str:
    """Give how a line begins: runs of digits and letters as one sign, what stands between them as it is."""
    begins = " ".join(line.split(None, _WORDS)[:_WORDS])[:_LOOKED_AT]
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "0", begins))


def _digest(names: list[str]) -> str:
    return blake2b("\0".join(names).encode(errors="replace"), digest_size=3).hexdigest()


unknown = Reader(UNKNOWN_READER, sniff, rows)
