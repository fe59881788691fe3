"""Microsoft 365: the unified audit log and Defender's advanced hunting rows. Owns which log a record is from.

Source: Office 365 Management Activity API schema; Microsoft Defender XDR advanced hunting schema.
"""

from collections.abc import Iterator, Mapping
from typing import IO

from watchkeeper.ingest.cloud_records import cloud_fields
from watchkeeper.ingest.flatten import TOO_MANY_FIELDS
from watchkeeper.ingest.json_head import first_object
from watchkeeper.ingest.jsonstream import Record, decode, records
from watchkeeper.ingest.logsources import log_source
from watchkeeper.ingest.reader import Reader, Row, Skipped
from watchkeeper.ingest.timestamps import from_iso
from watchkeeper.model.batch import Value

_WITHIN = ("value", "Results")
_AUDIT = (frozenset({"CreationTime", "Operation", "Workload"}), frozenset({"CreationTime", "Workload", "RecordType"}))
_HUNTING = frozenset({"Timestamp", "ActionType"})
_SEARCHED = "AuditData"
_NOT_M365 = Skipped("JSON without the members of a Microsoft 365 record")


def sniff(head: bytes) -> bool:
    """Say whether the first object is an audit record, bare or inside `AuditData`, or a row of advanced hunting."""
    record = first_object(head, within=_WITHIN)
    return _is_m365(record) or (_SEARCHED in record and "Operations" in record)


def rows(stream: IO[bytes]) -> Iterator[Row | Skipped]:
    """Yield one row a record; the service is `audit`, or for advanced hunting the table where the row names it, else `defender`."""
    for record in records(stream, within=_WITHIN):
        yield record if isinstance(record, Skipped) else m365_row(record)


def m365_row(record: Record) -> Row | Skipped:
    """Give the row of one record; skipped if it is none of Microsoft 365."""
    return _row(_bare(record))


def _bare(record: Record) -> Record | Skipped:
    """`Search-UnifiedAuditLog` gives each record as text within another."""
    written = record.value.get(_SEARCHED)
    return decode(written.encode(errors="replace")) if isinstance(written, str) else record


def _is_m365(record: Mapping[str, object]) -> bool:
    return any(record.keys() >= marks for marks in (*_AUDIT, _HUNTING))


def _row(record: Record | Skipped) -> Row | Skipped:
    if isinstance(record, Skipped):
        return record
    if not _is_m365(record.value):
        return _NOT_M365
    try:
        fields = cloud_fields(record.value)
    except ValueError:
        return TOO_MANY_FIELDS
    service = "audit" if "CreationTime" in fields else _one(fields, "Type") or "defender"
    time = from_iso(_one(fields, "CreationTime") or _one(fields, "Timestamp"))
    return Row(log_source("m365", service), time, _one(fields, "DeviceName"), fields, record.raw)


def _one(fields: Mapping[str, Value], name: str) -> str:
    value = fields.get(name, "")
    return value if isinstance(value, str) else ""


m365 = Reader("m365", sniff, rows)
