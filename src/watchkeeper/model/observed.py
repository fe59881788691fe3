"""Observed: which values were named on which hosts, when and how often. A case keeps it of everything that was read. Tables only."""

import pyarrow as pa

OBSERVED_SCHEMA = pa.schema(
    [
        pa.field("kind", pa.string(), nullable=False),
        pa.field("value", pa.string(), nullable=False),
        pa.field("host", pa.string(), nullable=False),
        pa.field("count", pa.int64(), nullable=False),
        pa.field("first", pa.timestamp("us", tz="UTC")),
        pa.field("last", pa.timestamp("us", tz="UTC")),
        pa.field("event_id", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("row", pa.int64(), nullable=False),
    ]
)
"""One row a value and host, of a part of the events: kind and canonical value, as indicators have them; host as in a batch; how often
fields named it; time of the first and the last event that did, null if none has a time; one of the first of these events: id, file, record.
"""
