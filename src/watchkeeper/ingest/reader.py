"""Reader: what one file format must export. Owns the contract and the row; finding files, archives and batching stand elsewhere."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import IO

import msgspec

from watchkeeper.model.batch import Value
from watchkeeper.model.logsource import LogSource

HEAD_BYTES = 65_536
"""How much of a file's beginning `sniff` is given, after decompression."""


class Row(msgspec.Struct, frozen=True):
    """One event as a reader found it."""

    logsource: LogSource
    time: datetime | None
    """Aware, UTC; none if the record does not say."""
    host: str
    """As the record names it; shortened to lower case without domain later."""
    fields: Mapping[str, Value]
    """Native fields by native name: text, or a list of text for several values."""
    raw: str
    """The record as text."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A record that could not be read; it takes its place in the count of rows."""

    reason: str
    """Few words, the same for the same defect, such as `not JSON`: they are counted by it."""


@dataclass(frozen=True, slots=True)
class Reader:
    """One format: how to recognise it by content, and how to read it."""

    name: str
    sniff: Callable[[bytes], bool]
    """Whether the first `HEAD_BYTES` bytes look like this format; the first reader in the tuple that says so reads the file."""
    rows: Callable[[IO[bytes]], Iterator[Row | Skipped]]
    """Read the stream, one `Row` or `Skipped` a record, streaming; a defect within raises only if nothing after it can be read."""
