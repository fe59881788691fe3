"""Windows events as JSON, as shippers and exports write them. Owns recognising them; the fields of each shape stand in `windows_shapes`."""

import re
from collections.abc import Iterator
from typing import IO

from watchkeeper.ingest.clock import Timed, in_utc
from watchkeeper.ingest.jsonstream import Record, records
from watchkeeper.ingest.reader import Reader, Row, Skipped
from watchkeeper.ingest.timestamps import from_iso
from watchkeeper.ingest.windows_event import logsource, one
from watchkeeper.ingest.windows_shapes import shaped

_WRAPPERS = ("Events", "events", "hits", "value", "results")
_OPENS = re.compile(rb"[\s\xef\xbb\xbf,]*[\[{]")
_EVENT_ID = re.compile(
    rb'"(?:winlog\.)?(?:EventID|EventId|eventID|event_id|EventCode|event\.code)"\s*:|"event"\s*:\s*\{[^{}]*"code"\s*:|"Id"\s*:\s*\d'
)
_WINDOWS = re.compile(
    rb'"(?:Channel|win|log_name|LogName|winlog|winlog\.channel|event_data|EventLog)"\s*:|schemas\.microsoft\.com/win/2004|"Provider(?:_?Name|_Guid)?"\s*:',
)


def sniff(head: bytes) -> bool:
    """Say whether it is JSON whose beginning has the marks of Windows events: an event id, and a channel or a provider."""
    return _OPENS.match(head) is not None and _EVENT_ID.search(head) is not None and _WINDOWS.search(head) is not None


def rows(stream: IO[bytes]) -> Iterator[Row | Skipped]:
    """Yield one row an event, in any of the shapes, also mixed in one file; times are UTC as far as the file lets us know, see `clock`."""
    found = records(stream, within=_WRAPPERS)
    return in_utc(record if isinstance(record, Skipped) else row(record) for record in found)


def row(record: Record) -> Row | Timed | Skipped:
    """Give the row of one decoded event; `Timed` if its time may have to be set by those around it."""
    found = shaped(record.value)
    if isinstance(found, Skipped):
        return found
    fields = found.fields
    source = logsource(one(fields, "Channel"), one(fields, "EventID"))
    host = one(fields, "Computer")
    written = fields.get("UtcTime")
    utc = from_iso(written) if isinstance(written, str) else None
    if found.local is None:
        return Row(source, found.time or utc, host, fields, record.raw)
    return Timed(source, host, fields, record.raw, found.time, found.local, utc)


windows_json = Reader("windows_json", sniff, rows)
