"""Suricata's EVE records, every event type. Owns their log source and what an alert says as a signal; nesting is flattened in `flatten`.

Source: Suricata documentation, "Eve JSON Format".
"""

from collections.abc import Iterator, Mapping
from typing import IO

from watchkeeper.ingest.addresses import inside_end
from watchkeeper.ingest.alert_signals import tactics_in, techniques_in
from watchkeeper.ingest.flatten import TOO_MANY_FIELDS, flatten
from watchkeeper.ingest.json_head import first_object
from watchkeeper.ingest.jsonstream import Record, records
from watchkeeper.ingest.logsources import log_source
from watchkeeper.ingest.reader import Reader, Row, Skipped
from watchkeeper.ingest.timestamps import from_iso
from watchkeeper.model.batch import Value

_NO_TYPE = Skipped("JSON without event_type")
_LEVELS = {"1": "high", "2": "medium", "3": "low"}
_ENTITIES = (
    ("src_ip", "address"),
    ("dest_ip", "address"),
    ("http.hostname", "domain"),
    ("tls.sni", "domain"),
    ("dns.query.rrname", "domain"),
    ("dns.rrname", "domain"),
    ("fileinfo.sha256", "hash"),
)


def sniff(head: bytes) -> bool:
    """Say whether the first object is an EVE record."""
    return _is_eve(first_object(head))


def rows(stream: IO[bytes]) -> Iterator[Row | Skipped]:
    """Yield one row a record; the host is the source, or the destination where only that is a private address."""
    for record in records(stream):
        yield record if isinstance(record, Skipped) else _row(record)


def suricata_row(record: Record) -> Row | Skipped:
    """Give the row of one record; skipped if it has not the marks of one of Suricata."""
    return _row(record) if _is_eve(record.value) else _NO_TYPE


def _row(record: Record) -> Row | Skipped:
    kind = record.value.get("event_type")
    if not isinstance(kind, str) or not kind:
        return _NO_TYPE
    try:
        fields = flatten(record.value)
    except ValueError:
        return TOO_MANY_FIELDS
    if kind == "alert":
        fields.update(_signal(fields))
    moment = from_iso(_one(fields, "timestamp"))
    return Row(log_source("suricata", kind), moment, inside_end(_one(fields, "src_ip"), _one(fields, "dest_ip")), fields, record.raw)


def _is_eve(names: Mapping[str, object]) -> bool:
    return (
        "event_type" in names and "timestamp" in names and not names.keys().isdisjoint({"flow_id", "src_ip", "stats", "in_iface", "alert"})
    )


def _one(fields: Mapping[str, Value], name: str) -> str:
    value = fields.get(name, "")
    return value if isinstance(value, str) else ""


def _several(fields: Mapping[str, Value], name: str) -> list[str]:
    value = fields.get(name, [])
    return [value] if isinstance(value, str) else list(value)


def _signal(fields: Mapping[str, Value]) -> dict[str, Value]:
    """What the alert says; a priority below 3 is informational, as Suricata's classification counts from 1 downwards."""
    signature, number = _one(fields, "alert.signature"), _one(fields, "alert.signature_id")
    if not signature and not number:
        return {}
    entities = [f"{kind}:{value.lower()}" for name, kind in _ENTITIES for value in _several(fields, name) if value]
    signal: dict[str, Value] = {
        "signal.rule": f"{_one(fields, 'alert.gid') or '1'}:{number}" if number else signature,
        "signal.title": signature or number,
        "signal.level": _LEVELS.get(_one(fields, "alert.severity"), "informational"),
        "signal.detector": "suricata",
        "signal.techniques": techniques_in(_several(fields, "alert.metadata.mitre_technique_id")),
        "signal.tactics": tactics_in(_several(fields, "alert.metadata.mitre_tactic_name")),
        "signal.entities": list(dict.fromkeys(entities)),
    }
    return {name: value for name, value in signal.items() if value}


suricata = Reader("suricata", sniff, rows)
