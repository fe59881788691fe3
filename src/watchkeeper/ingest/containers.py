"""Lines that a container runtime wrapped: CRI and Docker's json-file. Owns the wrapping; what is inside is a line like any other.

A long line that CRI has cut (`P`) stays in its parts.
Source: Kubernetes, "Container Runtime Interface", logging format; Docker, "JSON File logging driver".
"""

import re

from watchkeeper.ingest.jsonstream import Record, decode_text
from watchkeeper.ingest.log_times import iso
from watchkeeper.ingest.syslog import Message, message

_CRI = re.compile(
    r"(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) (?P<stream>stdout|stderr) (?P<logtag>[FP])(?: |\Z)"
)
_DOCKER = '{"log":"'


def contained(line: str) -> Message | None:
    """Give the message that a container runtime wrapped; none if the line is no such."""
    if line.startswith(_DOCKER):
        record = decode_text(line)
        return _unwrapped_json(record, line) if isinstance(record, Record) else None
    found = _CRI.match(line) if line[10:11] == "T" else None
    if found is None:
        return None
    time, stream, logtag = found.groups()
    return _inside(line[found.end() :], time, {"stream": stream, "logtag": logtag}, line)


def _unwrapped_json(record: Record, line: str) -> Message | None:
    text, stream, time = (record.value.get(name) for name in ("log", "stream", "time"))
    if not isinstance(text, str) or not isinstance(stream, str) or not isinstance(time, str):
        return None
    return _inside(text.rstrip("\r\n"), time, {"stream": stream}, line)


def _inside(text: str, time: str, fields: dict[str, str], line: str) -> Message:
    found = message(text)
    own = found.time is not None or found.yearless is not None
    return found._replace(raw=line, time=found.time if own else iso(time), wrapped=True, fields={**fields, **found.fields})
