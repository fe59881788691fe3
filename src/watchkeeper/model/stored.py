"""Stored events: the one shape in which the lake keeps events of every source. Owns its columns; who fills and who keeps them stand apart.

Beside the event as it came stand the attributes that people search by most, as the schema sees them (`watchkeeper.schema.view`): what
is not among them is in `_fields`, or in `_raw` where that is the event's own JSON.
"""

import pyarrow as pa

from watchkeeper.model.batch import RESERVED

TEXTS = (
    "metadata.event_code",
    "activity_name",
    "status",
    "actor.user.name",
    "user.name",
    "src_endpoint.ip",
    "src_endpoint.hostname",
    "dst_endpoint.ip",
    "dst_endpoint.hostname",
    "actor.process.file.path",
    "process.file.path",
    "process.cmd_line",
    "file.path",
    "reg_key.path",
    "query.hostname",
    "url.url_string",
    "http_request.user_agent",
    "api.operation",
)
"""Attributes of the schema, by dotted path, that are text."""
NUMBERS = ("class_uid", "src_endpoint.port", "dst_endpoint.port", "actor.process.pid", "process.pid")
"""Attributes that are whole numbers."""
HASHES = "file.hashes.value"
"""Every hash of a file that an event names, lower case: a list."""

_PLACE: tuple[tuple[str, pa.DataType, bool], ...] = (
    ("_received", pa.timestamp("us", tz="UTC"), False),
    ("_product", pa.string(), False),
    ("_service", pa.string(), False),
    ("_event_type", pa.string(), False),
    ("_fields", pa.string(), True),
)


def _schema() -> pa.Schema:
    found = pa.schema([pa.field("_tenant", pa.string(), nullable=False), pa.field("_day", pa.date32(), nullable=False)])
    for name in RESERVED.names:
        found = found.append(RESERVED.field(name))
    for name, kind, nullable in _PLACE:
        found = found.append(pa.field(name, kind, nullable=nullable))
    for name in TEXTS:
        found = found.append(pa.field(name, pa.string()))
    for name in NUMBERS:
        found = found.append(pa.field(name, pa.int64()))
    return found.append(pa.field(HASHES, pa.list_(pa.string())))


STORED_SCHEMA = _schema()
"""`_tenant` and `_day` (of `_time`, or of `_received` where an event has no time; UTC) say where an event is kept. Then `RESERVED`, where
`_source` is the sender's name, and when it came, the log source, the native fields as one JSON object (null: `_raw` is that object), and
the attributes."""
