"""Samples of what no reader knows: whole files, and lines of text files that no grammar takes, by program. Owns reading them, bounded."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from watchkeeper.ingest import find, who_reads
from watchkeeper.ingest.envelopes import listed
from watchkeeper.ingest.grammars import Grammars
from watchkeeper.ingest.jsonstream import Record, decode_text
from watchkeeper.ingest.own_sources import all_grammars, own_sources
from watchkeeper.ingest.reader import HEAD_BYTES, Skipped
from watchkeeper.ingest.sources import Source, expanded
from watchkeeper.ingest.text import wrapped
from watchkeeper.ingest.text_lines import text_lines
from watchkeeper.ingest.unknown import raw_records
from watchkeeper.model.sourceread import UNKNOWN_READER

MOST_RECORDS = 5_000
"""Records of one source that are looked at."""
MOST_CHARS = 16 * 1024 * 1024
"""Their characters together."""
MOST_LOOKED_AT = 200_000
"""Lines of a text file that are searched for such that nobody knows."""
MOST_PROGRAMS = 16
"""Programs of one file, the most frequent first."""
FEWEST_OF_PROGRAM = 5
"""What has fewer lines is not worth a grammar."""


@dataclass(slots=True)
class Sample:
    """Records of one source."""

    source: str
    """File as shown to people."""
    name: str
    """What the source may be called: the file's name, or the program."""
    program: str = ""
    """Program that the syslog header names; empty if there is none."""
    records: list[str] = field(default_factory=list[str])
    chars: int = 0

    @property
    def full(self) -> bool:
        """Whether it holds as much as it may."""
        return len(self.records) >= MOST_RECORDS or self.chars >= MOST_CHARS

    def add(self, record: str) -> None:
        """Take a record, unless it is full."""
        if not self.full:
            self.records.append(record)
            self.chars += len(record)


def samples(paths: Sequence[Path], own: tuple[Path, ...] = ()) -> Iterator[Sample]:
    """Yield a sample of each source that no reader and none of the person's own sources knows.

    What only a grammar takes that takes anything is not known.

    Raises:
        OSError: a path cannot be read.
        ValueError: a source file of the person's own is none.
    """
    told = own_sources(own)
    grammars, names = all_grammars(told), frozenset(one.name for one in told.grammars)
    for file in find(paths):
        for source in expanded(file, lambda _: None):
            if source.stream is not None:
                head = source.stream.peek(HEAD_BYTES)[:HEAD_BYTES]
                reader = who_reads(head, own)
                if reader == UNKNOWN_READER and (sample := sampled(source.shown, source.name, raw_records(source.stream, head))).records:
                    yield sample
                elif reader == "text":
                    yield from _programs(source, grammars, names)


def sampled_file(path: Path, *, as_lines: bool) -> list[str]:
    """Give the first records of a file, or of the first member of an archive that has some: its lines, or what JSON it holds.

    Raises:
        OSError: the file cannot be read.
        ValueError: it holds no records.
    """
    said = ""
    for file in find([path]):
        for source in expanded(file, lambda _: None):
            if source.stream is None:
                said = source.error
                continue
            head = source.stream.peek(HEAD_BYTES)[:HEAD_BYTES]
            found = sampled(source.shown, source.name, text_lines(source.stream) if as_lines else raw_records(source.stream, head))
            if found.records:
                return found.records
    raise ValueError(f"no record in {path.name!r}{f': {said}' if said else ''}; give a file of this source")


def sampled(shown: str, name: str, records: Iterable[str | Skipped]) -> Sample:
    """Take the first records; a document that lists records is a sample of those."""
    sample = Sample(shown, name.partition(".")[0])
    for record in records:
        if sample.full:
            break
        if not isinstance(record, Skipped):
            sample.add(record)
    return _opened(sample)


def _opened(sample: Sample) -> Sample:
    documents = [decode_text(text) for text in sample.records[:4]]
    if not documents or len(sample.records) > len(documents):
        return sample
    inner = [record for one in documents if isinstance(one, Record) for record in listed(one.value)]
    if not inner:
        return sample
    opened = Sample(sample.source, sample.name)
    for record in inner:
        opened.add(msgspec.json.encode(record).decode())
    return opened


def _programs(file: Source, grammars: Grammars, own: frozenset[str]) -> Iterator[Sample]:
    shown, name = file.shown, file.name.partition(".")[0]
    lines = text_lines(file.stream) if file.stream is not None else iter(())
    found: dict[str, Sample] = {}
    for number, line in enumerate(lines):
        if number >= MOST_LOOKED_AT:
            break
        if isinstance(line, Skipped):
            continue
        one = wrapped(line)
        source = grammars.source(one)
        if source is not None and (source.grammar.general != "anything" or source.grammar.name in own):
            continue
        program = one.program.rpartition("/")[2] or one.program
        if program in found or len(found) < MOST_LOOKED_AT // 100:
            found.setdefault(program, Sample(shown, program or name, one.program)).add(line)
    frequent = sorted(found.values(), key=lambda sample: -len(sample.records))[:MOST_PROGRAMS]
    yield from (sample for sample in frequent if len(sample.records) >= FEWEST_OF_PROGRAM)
