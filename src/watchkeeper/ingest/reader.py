"""Reader: what one file format must export. Owns the contract, the row and columns of rows; finding files and batching stand elsewhere."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import IO, Any, cast

import msgspec
import pyarrow as pa

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
class Columns:
    """Many events of one log source, and what was skipped among them; they mean what the same rows would."""

    logsource: LogSource
    records: int
    """How many records they were, with those that were skipped."""
    places: Any
    """Array of the 0-based place of each event among the records."""
    times: Any
    """Arrow array of microseconds, UTC; null if the record does not say."""
    hosts: Any
    """Arrow array of text, as the records name them."""
    fields: Mapping[str, Any]
    """Arrow array of text, or of lists of text, for each native field; null where an event lacks it."""
    raw: Any
    """Arrow array of text: each record."""
    skipped: Mapping[str, int] = field(default_factory=dict[str, int])
    """How many records were skipped, by reason."""

    def only(self, wanted: Any, reason: str) -> "Columns":
        """Give the events for which a mask (an array of truth values) is true; the others are skipped for this reason."""
        mask = cast("Any", pa.array(wanted))
        return replace(
            self,
            places=self.places[wanted],
            times=self.times.filter(mask),
            hosts=self.hosts.filter(mask),
            fields={name: column.filter(mask) for name, column in self.fields.items()},
            raw=self.raw.filter(mask),
            skipped={**self.skipped, reason: len(mask) - mask.true_count},
        )


@dataclass(frozen=True, slots=True)
class Reader:
    """One format: how to recognise it by content, and how to read it."""

    name: str
    sniff: Callable[[bytes], bool]
    """Whether the first `HEAD_BYTES` bytes look like this format; the first reader in the tuple that says so reads the file."""
    rows: Callable[[IO[bytes]], Iterator[Row | Skipped]]
    """Read the stream, one `Row` or `Skipped` a record, streaming; a defect within raises only if nothing after it can be read."""
    columns: Callable[[IO[bytes]], Iterator[Row | Skipped | Columns]] | None = None
    """The same, with many events at once wherever that cannot change what comes out; none if the format has only `rows`."""
    arrived: Callable[[IO[bytes], datetime], Iterator[Row | Skipped]] | None = None
    """The same as `rows` for what came at a known time, for formats that leave out the year; none if the format does not."""
