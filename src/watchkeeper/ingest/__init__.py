"""Reading logs: files and archives to batches of events, and an account of what was skipped. Owns the order in which readers are asked."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from watchkeeper.ingest import reading
from watchkeeper.ingest.alerts import ALERT_READERS, reader_for
from watchkeeper.ingest.auditd import auditd
from watchkeeper.ingest.azure import azure
from watchkeeper.ingest.cloudtrail import cloudtrail
from watchkeeper.ingest.evtx import evtx
from watchkeeper.ingest.json_records import json_records
from watchkeeper.ingest.m365 import m365
from watchkeeper.ingest.modsecurity_json import modsecurity_json
from watchkeeper.ingest.modsecurity_serial import modsecurity_serial
from watchkeeper.ingest.own_sources import with_own
from watchkeeper.ingest.reader import Reader
from watchkeeper.ingest.reading import How
from watchkeeper.ingest.sources import Found, files
from watchkeeper.ingest.suricata import suricata
from watchkeeper.ingest.text import text
from watchkeeper.ingest.unknown import unknown
from watchkeeper.ingest.vpc_flow import vpc_flow
from watchkeeper.ingest.w3c import w3c
from watchkeeper.ingest.windows_json import windows_json
from watchkeeper.ingest.xml_events import xml_events
from watchkeeper.ingest.zeek_json import zeek_json
from watchkeeper.ingest.zeek_tsv import zeek_tsv
from watchkeeper.model.batch import Batch
from watchkeeper.model.sourceread import SourceRead

READERS: tuple[Reader, ...] = (
    evtx,
    *ALERT_READERS,
    zeek_tsv,
    w3c,
    modsecurity_serial,
    zeek_json,
    json_records,
    modsecurity_json,
    suricata,
    xml_events,
    auditd,
    cloudtrail,
    azure,
    m365,
    vpc_flow,
    windows_json,
    text,
)
"""Every format, in the order in which they are asked; the first that recognises a file reads it."""


def read(
    paths: Sequence[Path],
    *,
    mapping: str | None = None,
    own: tuple[Path, ...] = (),
    batch_rows: int = 4_096,
    progress: Callable[[int], None] | None = None,
) -> Iterator[Batch | SourceRead]:
    """Read files, folders and archives; yield batches as they become full and one `SourceRead` after each file or archive member.

    Rows of several files may share a batch, and some of a file's events may come after its account: all of them have come at the end.
    `mapping` names an alert mapping, whose reader is then asked first; `own` are files and folders with a person's own sources, which go
    before ours. `progress` is told how many bytes on disk are behind us. A file of text that no reader knows is kept as it is, sampled.
    Event ids depend on a file's own name, the record's position and its text alone: not on compression, archive, batch size or order.

    Raises:
        FileNotFoundError: a given path, the mapping or a source file does not exist.
        PermissionError: a given path may not be read.
        ValueError: the mapping or a source file is none; the message names file and line.
    """
    return read_files(find(paths), mapping=mapping, own=own, batch_rows=batch_rows, progress=progress)


def find(paths: Sequence[Path]) -> Sequence[Found]:
    """Give every file under the given paths, each once, in the order in which they are read.

    Raises:
        FileNotFoundError: a given path does not exist.
        PermissionError: a given path may not be read.
    """
    return files(paths)


def read_files(
    found: Sequence[Found],
    *,
    before: Mapping[str, int] | None = None,
    mapping: str | None = None,
    own: tuple[Path, ...] = (),
    batch_rows: int = 4_096,
    progress: Callable[[int], None] | None = None,
) -> Iterator[Batch | SourceRead]:
    """Read some of the files, as `read` does; `before` are the `names` in those that stand before them, so that ids are the same."""
    return reading.read(found, How(_readers(mapping, own), batch_rows, progress, before or {}))


def names(file: Found, *, mapping: str | None = None, own: tuple[Path, ...] = ()) -> Counter[str]:
    """Count the names of what would be read of a file: its own, or those of the members of the archive it is."""
    return reading.names(file, _readers(mapping, own))


def who_reads(head: bytes, own: tuple[Path, ...] = ()) -> str:
    """Name the reader of a file that begins so, `unknown` if it is text that none knows; empty if it is no log.

    Raises:
        OSError: a source file does not exist.
        ValueError: a source file is none; the message names file and line.
    """
    return next((reader.name for reader in _readers(None, own) if reader.sniff(head)), "")


def _readers(mapping: str | None, own: tuple[Path, ...]) -> Sequence[Reader]:
    return (*(() if mapping is None else (reader_for(mapping),)), *_known(own), unknown)


@lru_cache(maxsize=4)
def _known(own: tuple[Path, ...]) -> Sequence[Reader]:
    return with_own(READERS, own) if own else READERS
