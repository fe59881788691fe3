"""VPC flow logs as text: lines of the default format, of a format of one's own with its header, or a table. Owns names and cells.

Source: Amazon VPC User Guide, "Flow log records" (available fields, default format).
"""

import csv
import io
import re
from collections.abc import Callable, Iterator
from typing import IO

from watchkeeper.ingest.addresses import inside_end
from watchkeeper.ingest.lines import lines
from watchkeeper.ingest.logsources import log_source
from watchkeeper.ingest.reader import Reader, Row, Skipped
from watchkeeper.ingest.timestamps import from_epoch
from watchkeeper.model.batch import Value

_DEFAULT = (
    *("version", "account-id", "interface-id", "srcaddr", "dstaddr", "srcport", "dstport"),
    *("protocol", "packets", "bytes", "start", "end", "action", "log-status"),
)
_NEEDED = frozenset({"srcaddr", "dstaddr", "start"})
_RECORD = re.compile(rb"2 (?:\d{12}|unknown) eni-[0-9a-f]+ (?:\S+ ){10}(?:OK|NODATA|SKIPDATA)\s*(?:\n|\Z)")
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}\Z")
_MAX_NAMES = 128
_RAGGED = Skipped("more or fewer values than the format names")
_NOTHING = Skipped("flow record without data")


def sniff(head: bytes) -> bool:
    """Say whether the first line is a header with the names of flow records, or a record of the default format."""
    return _RECORD.match(head) is not None or _header(head.partition(b"\n")[0]) is not None


def rows(stream: IO[bytes]) -> Iterator[Row | Skipped]:
    """Yield one row a flow; the host is the source, or the destination where only that is a private address."""
    names: tuple[str, ...] = _DEFAULT
    cut = _by_blanks
    for line in lines(stream):
        if isinstance(line, Skipped):
            yield line
            continue
        header = _header(line)
        if header is not None:
            names, cut = header
        elif text := line.decode(errors="replace").strip():
            yield _row(text, names, cut)


def _header(line: bytes) -> tuple[tuple[str, ...], Callable[[str], list[str]]] | None:
    text = line[:8_192].decode(errors="replace").removeprefix("\ufeff").strip()
    cut = _by_commas if "," in text else _by_blanks
    names = tuple(cut(text))
    fits = set(names) >= _NEEDED and len(names) <= _MAX_NAMES and all(map(_NAME.match, names))
    return (names, cut) if fits else None


def _by_blanks(text: str) -> list[str]:
    return text.split()


def _by_commas(text: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(text)), list[str]())
    except csv.Error:
        return []


def _row(text: str, names: tuple[str, ...], cut: Callable[[str], list[str]]) -> Row | Skipped:
    cells = cut(text)
    if len(cells) != len(names):
        return _RAGGED
    fields: dict[str, Value] = {name: cell for name, cell in zip(names, cells, strict=True) if cell not in {"-", ""}}
    source, target = fields.get("srcaddr"), fields.get("dstaddr")
    if not isinstance(source, str) or not isinstance(target, str):
        return _NOTHING
    start = fields.get("start")
    return Row(
        log_source("aws", "vpcflow"), from_epoch(start) if isinstance(start, str) else None, inside_end(source, target), fields, text
    )


vpc_flow = Reader("vpc_flow", sniff, rows)
