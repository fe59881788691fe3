"""Azure: tables of Azure Monitor and Sentinel as exported, and diagnostic records. Owns which log a record is from.

Source: Azure Monitor Logs reference (tables), Azure resource log schema (diagnostic records).
"""

from collections.abc import Iterator, Mapping
from typing import IO

from watchkeeper.ingest.cloud_records import cloud_fields
from watchkeeper.ingest.flatten import TOO_MANY_FIELDS
from watchkeeper.ingest.json_head import first_object
from watchkeeper.ingest.jsonstream import Record, records
from watchkeeper.ingest.logsources import log_source
from watchkeeper.ingest.reader import Reader, Row, Skipped
from watchkeeper.ingest.timestamps import from_iso
from watchkeeper.model.batch import Value
from watchkeeper.model.logsource import LogSource

_WITHIN = ("records", "value")
_OTHERS_TABLES = frozenset({"SecurityEvent", "WindowsEvent", "Event", "SecurityAlert", "SecurityIncident"})
_M365_TABLES = frozenset({"OfficeActivity"})
_M365_PREFIXES = ("Device", "Email", "Identity", "CloudApp", "UrlClick", "AADSignInEvents", "AADSpn")
_TIMES = ("TimeGenerated", "time", "eventTimestamp", "activityDateTime", "createdDateTime")
_HOSTS = ("Computer", "HostName", "DeviceName")
_MARKS = (
    ("AuditLogs", frozenset({"InitiatedBy", "TargetResources"})),
    ("AuditLogs", frozenset({"initiatedBy", "targetResources"})),
    ("SigninLogs", frozenset({"ConditionalAccessStatus", "UserPrincipalName"})),
    ("SigninLogs", frozenset({"createdDateTime", "userPrincipalName"})),
)
"""Members that tell a table whatever `Type` says: queries that widen a row like to overwrite it."""
_NOT_AZURE = Skipped("JSON without the members of an Azure record")


def sniff(head: bytes) -> bool:
    """Say whether the first object is a row of an Azure Monitor table that no other reader reads, or a diagnostic record."""
    record = first_object(head, within=_WITHIN)
    return _is_azure(record) and record.get("Type") not in _OTHERS_TABLES


def rows(stream: IO[bytes]) -> Iterator[Row | Skipped]:
    """Yield one row a record; the service is the table (`AuditLogs`), or the category of a diagnostic record."""
    for record in records(stream, within=_WITHIN):
        yield record if isinstance(record, Skipped) else azure_row(record)


def azure_row(record: Record) -> Row | Skipped:
    """Give the row of one record; skipped if it is none of Azure."""
    return _row(record.value, record.raw) if _is_azure(record.value) else _NOT_AZURE


def _is_azure(record: Mapping[str, object]) -> bool:
    names = record.keys()
    if "TimeGenerated" in names and not names.isdisjoint({"Type", "OperationName", "Operation"}):
        return True
    if "time" in names and "operationName" in names and not names.isdisjoint({"resourceId", "category", "tenantId"}):
        return True
    return "activityDateTime" in names or ("createdDateTime" in names and "userPrincipalName" in names)


def _row(record: Mapping[str, object], raw: str) -> Row | Skipped:
    try:
        fields = cloud_fields(record)
    except ValueError:
        return TOO_MANY_FIELDS
    time = next((moment for name in _TIMES if (moment := from_iso(_one(fields, name))) is not None), None)
    host = next((found for name in _HOSTS if (found := _one(fields, name))), "")
    return Row(_logsource(_table(record, fields)), time, host, fields, raw)


def _table(record: Mapping[str, object], fields: Mapping[str, Value]) -> str:
    marked = next((table for table, marks in _MARKS if marks <= record.keys()), "")
    return marked or _one(fields, "Type") or _one(fields, "category") or _one(fields, "Category")


def _logsource(table: str) -> LogSource:
    if table == "Syslog":
        return log_source("linux", "syslog")
    m365 = table in _M365_TABLES or table.startswith(_M365_PREFIXES)
    return log_source("m365" if m365 else "azure", table)


def _one(fields: Mapping[str, Value], name: str) -> str:
    value = fields.get(name, "")
    return value if isinstance(value, str) else ""


azure = Reader("azure", sniff, rows)
