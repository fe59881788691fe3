"""A person's own sources: grammars and record formats from files and folders. Owns reading them and the readers that know them.

They go before ours: what they recognise is theirs, and one that is called like ours replaces it. What they do not know in a file that they
recognise is read as ever.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import IO, TypeAlias

import msgspec

from watchkeeper.ingest import grammar, record_format
from watchkeeper.ingest.checked_yaml import keys_in
from watchkeeper.ingest.envelopes import listed, unwrapped
from watchkeeper.ingest.grammar import Grammar
from watchkeeper.ingest.grammars import Grammars, shipped_grammars
from watchkeeper.ingest.json_records import LISTED_IN, rows_of
from watchkeeper.ingest.jsonstream import Json, Record, records
from watchkeeper.ingest.reader import Reader, Row, Skipped
from watchkeeper.ingest.record_format import RecordFormat
from watchkeeper.ingest.record_rows import record_rows
from watchkeeper.ingest.text import reader_of

MAX_FILE_BYTES = 1024 * 1024
"""A file larger than this is no source file."""
MOST_FILES = 1_000
"""Source files in one folder."""
_SNIFFED = 8
Own: TypeAlias = Grammar | RecordFormat


@dataclass(frozen=True, slots=True)
class OwnSources:
    """What a person's files tell."""

    grammars: tuple[Grammar, ...] = ()
    formats: tuple[RecordFormat, ...] = ()


def parse(text: str, source: str) -> Own:
    """Read a grammar, or a record format if it has `marks`; `source` is the file's name for messages.

    Raises:
        ValueError: the message names file, line, key and what to do.
    """
    return record_format.parse(text, source) if "marks" in keys_in(text) else grammar.parse(text, source)


def read_source(path: Path) -> Own:
    """Read one file, which is called like the source.

    Raises:
        OSError: it cannot be read.
        ValueError: it is none; the message names file, line, key and what to do.
    """
    if path.stat().st_size > MAX_FILE_BYTES:
        raise ValueError(f"source file {path.name!r} is larger than {MAX_FILE_BYTES // 1024:,} KiB; it is no description of a source")
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"source file {path.name!r} is not UTF-8: {error}; save it as UTF-8") from error
    found = parse(text, path.name)
    if found.name != path.stem:
        raise ValueError(f"source file {path.name!r}: its name is {found.name!r}; a source and its file are called the same")
    return found


def own_sources(paths: tuple[Path, ...]) -> OwnSources:
    """Read the files, and every `.yml` and `.yaml` in the folders; of two of the same name the one that is given first counts.

    Raises:
        OSError: a path does not exist or cannot be read.
        ValueError: a file is no source, or a folder has too many; the message names file, line, key and what to do.
    """
    found: dict[str, Own] = {}
    for path in paths:
        for file in _files(path):
            one = read_source(file)
            found.setdefault(one.name, one)
    grammars = tuple(one for one in found.values() if isinstance(one, Grammar))
    formats = tuple(one for one in found.values() if isinstance(one, RecordFormat))
    Grammars(grammars)  # all their patterns together may be more than RE2 can hold: that is said now, not in the middle of a run
    return OwnSources(grammars, formats)


def with_own(readers: Sequence[Reader], paths: tuple[Path, ...]) -> Sequence[Reader]:
    """Give the readers in the order in which they are asked, with those first that know a person's own sources.

    Raises:
        OSError: a path does not exist or cannot be read.
        ValueError: a file is no source; the message names file, line, key and what to do.
    """
    own = own_sources(paths)
    if not own.grammars and not own.formats:
        return readers
    return (*_first(own), *(_joined(own) if reader.name == "text" else reader for reader in readers))


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.iterdir() if file.suffix in {".yml", ".yaml"} and file.is_file())
    if len(found) > MOST_FILES:
        raise ValueError(f"the folder {str(path)!r} holds {len(found):,} YAML files; more than {MOST_FILES:,} are no sources")
    return found


def all_grammars(own: OwnSources) -> Grammars:
    """Give the person's grammars and ours, but for those of ours that theirs replace."""
    names = {one.name for one in own.grammars}
    return Grammars((one for one in shipped_grammars() if one.name not in names), first=own.grammars)


def _joined(own: OwnSources) -> Reader:
    everything = all_grammars(own)
    return reader_of(lambda: everything)


def _first(own: OwnSources) -> Iterator[Reader]:
    if own.grammars:
        alone, everything = Grammars(own.grammars), all_grammars(own)
        yield reader_of(lambda: alone, read_by=lambda: everything)
    if own.formats:
        yield Reader("json_records", partial(_sniff, own.formats), partial(_rows, own.formats))


def _sniff(formats: Sequence[RecordFormat], head: bytes) -> bool:
    """Say whether one of the first records is of one of the formats."""
    found = (one for one in records(BytesIO(head), within=LISTED_IN) if isinstance(one, Record))
    return any(_fitting(formats, one) is not None for one in islice(found, _SNIFFED))


def _rows(formats: Sequence[RecordFormat], stream: IO[bytes]) -> Iterator[Row | Skipped]:
    made = {one.name: record_rows(one) for one in formats}
    for record in records(stream, within=LISTED_IN):
        fitting = None if isinstance(record, Skipped) else _fitting(formats, record)
        if isinstance(record, Skipped):
            yield record
        elif fitting is None:
            yield from rows_of(record)
        else:
            for known, value in fitting:
                yield from rows_of(value) if known is None else made[known.name](value)


def _fitting(formats: Sequence[RecordFormat], record: Record) -> list[tuple[RecordFormat | None, Record]] | None:
    """Give the record, what stands in its envelope, or what it lists, with the format that knows it; none if nobody does."""
    known = _known(formats, record.value)
    if known is not None:
        return [(known, record)]
    for value in unwrapped(record.value):
        if (known := _known(formats, value)) is not None:
            return [(known, _again(value))]
    each = [(_known(formats, value), _again(value)) for value in listed(record.value)]
    return each if any(known is not None for known, _ in each) else None


def _known(formats: Sequence[RecordFormat], value: Mapping[str, object]) -> RecordFormat | None:
    return next((one for one in formats if one.fits(value)), None)


def _again(value: dict[str, Json]) -> Record:
    return Record(value, msgspec.json.encode(value).decode())
