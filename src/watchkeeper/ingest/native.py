"""Native fields of an event that is kept as the line it came in. Owns finding the reader again; formats are the readers'."""

from collections.abc import Mapping
from datetime import UTC, datetime

from watchkeeper.ingest.arrived_records import line_reader, read
from watchkeeper.ingest.jsonstream import Record, decode
from watchkeeper.ingest.text import text
from watchkeeper.model.batch import Value
from watchkeeper.model.logsource import LogSource

_READ = line_reader(text, datetime.fromtimestamp(0, UTC))


def native_fields(source: LogSource, raw: str) -> Mapping[str, Value]:
    """Give the fields of a line of JSON as its reader names them; nothing if it reads no event of this log from it.

    Such lines are those of the hot lane, which keeps the line alone, and says of it what the reader would.
    """
    record = decode(raw.encode(errors="surrogatepass"))
    if not isinstance(record, Record):
        return {}
    rows = read(record, _READ).rows
    return next((row.fields for row in rows if row.logsource == source), rows[0].fields if rows else {})
