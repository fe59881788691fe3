"""Windows events as JSON, in the shapes that shippers and exports give them. Owns recognising them; each shape's fields stand in `windows_shapes`."""

import re
from collections.abc import Iterator
from typing import IO

from watchkeeper.ingest.jsonstream import records
from watchkeeper.ingest.reader import Reader, Row, Skipped
from watchkeeper.ingest.windows_event import logsource
from watchkeeper.ingest.windows_shapes import shaped

_OPENS = re.compile(rb"[\s\xef\xbb\xbf,]*[\[{]")
_EVENT_ID = re.compile(rb'"(?:winlog\.)?(?:EventID|EventId|event_id|EventCode|event\.code)"\s*:|"event"\s*:\s*\{[^{}]*"code"\s*:')
_WINDOWS = re.compile(
    rb'"(?:Channel|log_name|LogName|winlog|winlog\.channel|event_data|EventLog)"\s*:|schemas\.microsoft\.com/win/2004|"Provider(?:_?Name|_Guid)?"\s*:',
)


def sniff(head: bytes) -> bool:
    """Say whether it is JSON whose beginning has the marks of Windows events: an event id, and a channel or a provider."""
    return _OPENS.match(head) is not None and _EVENT_ID.search(head) is not None and _WINDOWS.search(head) is not None


def rows(stream: IO[bytes]) -> Iterator[Row | Skipped]:
    """Yield one row an event, in any of the shapes, also mixed in one file."""
    for record in records(stream, within=("Events", "events", "hits", "value", "results")):
        if isinstance(record, Skipped):
            yield record
            continue
        found = shaped(record.value)
        if isinstance(found, Skipped):
            yield found
            continue
        fields = found.fields
        source = logsource(str(fields.get("Channel", "")), str(fields.get("EventID", "")))
        yield Row(source, found.written, str(fields.get("Computer", "")), fields, record.raw)


windows_json = Reader("windows_json", sniff, rows)
