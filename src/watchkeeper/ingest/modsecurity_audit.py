"""What ModSecurity's audit log says of one transaction, as one event. Owns the names; how it is written is the readers' (JSON, sections).

Names are those of web access logs and of the grammar `modsecurity`, by which messages are read here too: rules need one name for both.
Source: ModSecurity reference manual, "ModSecurity 2 Data Formats", and "Logging and Debugging" of version 3.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from watchkeeper.content import folder
from watchkeeper.ingest.grammar import read
from watchkeeper.ingest.grammars import Source
from watchkeeper.ingest.log_times import reads
from watchkeeper.ingest.logsources import log_source
from watchkeeper.ingest.reader import Row
from watchkeeper.model.batch import Value

Headers = Sequence[tuple[str, str]]
"""Names and values, in the order of the request."""
Said = Mapping[str, Value]
"""What one message says of one rule that matched."""

_LOG_SOURCE = log_source("modsecurity", "audit")
_REQUEST = re.compile(r"(?P<method>[A-Za-z][\w-]{0,31}) (?P<uri>\S.*?)(?: (?P<version>HTTP/[\d.]{1,8}))?")
_TAG = re.compile(r'\[tag "([^"]*)"\]')
_DOUBLED_SIGN = re.compile(r"--(?=\d{4}\Z)")
_OF_HEADERS = {"host": "cs-host", "user-agent": "cs-user-agent", "referer": "cs-referer"}
_OF_RULES = ("rule_id", "msg", "rule_severity", "reason", "data", "tags")
_TIMES = tuple(map(reads, ("%d/%b/%Y:%H:%M:%S.%f %z", "%d/%b/%Y:%H:%M:%S %z", "%a %b %d %H:%M:%S %Y")))


@dataclass(frozen=True, slots=True)
class Transaction:
    """One request, its answer, and what was found in it."""

    time: str
    """As written."""
    said: Mapping[str, str]
    """Single values by the names of the event, empty where the log says none."""
    request: str
    """First line of the request."""
    headers: Headers
    messages: Sequence[Said]
    intercepted: bool
    """Whether the log says that the request was not let through."""

    def row(self, raw: str) -> Row:
        """Give the event: `denied` if it was intercepted, else `warned` if a rule matched; no action if none did."""
        fields: dict[str, Value] = {name: value for name, value in self.said.items() if value}
        fields.update(_requested(self.request))
        fields.update({_OF_HEADERS[name.lower()]: value for name, value in self.headers if name.lower() in _OF_HEADERS and value})
        if self.headers:
            fields["request_headers"] = [f"{name}: {value}" for name, value in self.headers]
        fields.update({name: found for name in _OF_RULES if (found := _several(one.get(name) for one in self.messages))})
        denied = self.intercepted or any(one.get("action") == "denied" for one in self.messages)
        if denied or self.messages:
            fields["action"] = "denied" if denied else "warned"
        return Row(_LOG_SOURCE, moment(self.time), "", fields, raw)


def message(text: str) -> Said:
    """Read a message as the error log has it, without time and client: `Warning. Pattern match … [id "942100"] …`."""
    found = _grammar().fields(f"ModSecurity: {text.removeprefix('ModSecurity: ')}")
    tags = found.get("tags")
    return found | {"tags": _TAG.findall(tags)} if isinstance(tags, str) else found


def moment(text: str) -> datetime | None:
    """Read a time of any of the versions; without an offset it is taken as UTC; some write the sign of an offset twice."""
    written = _DOUBLED_SIGN.sub("-", text)
    return next((found[0] for read_text in _TIMES if (found := read_text(written)) is not None), None)


@cache
def _grammar() -> Source:
    return Source(read(folder("sources") / "modsecurity.yml"))


def _requested(line: str) -> dict[str, Value]:
    found = _REQUEST.fullmatch(line)
    if found is None:
        return {"request": line} if line else {}
    stem, _, query = found["uri"].partition("?")
    parts = {
        "cs-method": found["method"],
        "c-uri": found["uri"],
        "cs-uri-stem": stem,
        "cs-uri-query": query,
        "cs-version": found["version"],
    }
    return {name: value for name, value in parts.items() if value}


def _several(values: Iterable[Value | None]) -> Value | None:
    """Give the different values in their order, a text where there is one."""
    texts = (text for value in values if value for text in ([value] if isinstance(value, str) else value) if text)
    found = list(dict.fromkeys(texts))
    return found if len(found) > 1 else next(iter(found), None)
