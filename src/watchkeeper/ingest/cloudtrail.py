"""AWS CloudTrail. Owns its wrappings and log source; nesting is flattened in `flatten`.

Source: AWS CloudTrail User Guide, "CloudTrail record contents".
"""

from collections.abc import Iterator, Mapping
from typing import IO

from watchkeeper.ingest.cloud_records import cloud_fields
from watchkeeper.ingest.flatten import TOO_MANY_FIELDS
from watchkeeper.ingest.json_head import first_object
from watchkeeper.ingest.jsonstream import Record, decode, records
from watchkeeper.ingest.reader import Reader, Row, Skipped
from watchkeeper.ingest.timestamps import from_iso
from watchkeeper.model.logsource import LogSource

_WITHIN = ("Records", "Events")
_LOOKED_UP = "CloudTrailEvent"
_MARKS = {"eventSource", "eventName"}
_ONE_OF = {"eventTime", "eventVersion", "userIdentity", "awsRegion"}
_LOGSOURCE = LogSource(product="aws", service="cloudtrail")
_NOT_CLOUDTRAIL = Skipped("JSON without eventSource and eventName")


def sniff(head: bytes) -> bool:
    """Say whether the first object is a CloudTrail record, bare, in a delivered file, or as `lookup-events` gives it."""
    record = first_object(head, within=_WITHIN)
    return (record.keys() >= _MARKS and not record.keys().isdisjoint(_ONE_OF)) or (_LOOKED_UP in record and "EventName" in record)


def rows(stream: IO[bytes]) -> Iterator[Row | Skipped]:
    """Yield one row a record of `{"Records": [...]}`, of an array, or of newline-delimited JSON."""
    for record in records(stream, within=_WITHIN):
        yield record if isinstance(record, Skipped) else cloudtrail_row(record)


def cloudtrail_row(record: Record) -> Row | Skipped:
    """Give the row of one record; skipped if it is none of CloudTrail."""
    return _row(_bare(record))


def _bare(record: Record) -> Record | Skipped:
    """`aws cloudtrail lookup-events` gives each record as text within another."""
    written = record.value.get(_LOOKED_UP)
    return decode(written.encode(errors="replace")) if isinstance(written, str) else record


def _row(record: Record | Skipped) -> Row | Skipped:
    if isinstance(record, Skipped):
        return record
    value: Mapping[str, object] = record.value
    if "eventSource" not in value or "eventName" not in value:
        return _NOT_CLOUDTRAIL
    try:
        fields = cloud_fields(value)
    except ValueError:
        return TOO_MANY_FIELDS
    time = fields.get("eventTime")
    return Row(_LOGSOURCE, from_iso(time) if isinstance(time, str) else None, "", fields, record.raw)


cloudtrail = Reader("cloudtrail", sniff, rows)
