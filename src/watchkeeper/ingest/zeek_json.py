"""Zeek's JSON logs, dotted or underscored names. Owns naming them as Zeek's TSV does and guessing a log's path."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import IO

from watchkeeper.ingest.flatten import TOO_MANY_FIELDS, flatten
from watchkeeper.ingest.json_head import first_object
from watchkeeper.ingest.jsonstream import Record, records
from watchkeeper.ingest.logsources import log_source
from watchkeeper.ingest.reader import Reader, Row, Skipped
from watchkeeper.ingest.zeek_tsv import host_of, time_of
from watchkeeper.model.batch import Value

_PATH_NAMES = ("_path", "@stream", "@path")
_ZEEK_NAMES = ("ts", *_PATH_NAMES)
_NOT_ZEEK = Skipped("JSON without ts and path, not a Zeek record")
_PARTS = {
    "id": ("orig_h", "orig_p", "resp_h", "resp_p", "vlan", "vlan_inner"),
    "certificate": (
        "version", "serial", "subject", "issuer", "cn", "not_valid_before", "not_valid_after",
        "key_alg", "sig_alg", "key_type", "key_length", "exponent", "curve",
    ),
    "san": ("dns", "uri", "email", "ip", "other_fields"),
    "basic_constraints": ("ca", "path_len"),
    "version": ("major", "minor", "minor2", "minor3", "addl"),
    "times": ("modified", "accessed", "created", "changed"),
    "seen": ("indicator", "indicator_type", "where", "node"),
    "remote_location": ("country_code", "region", "city", "latitude", "longitude"),
}  # fmt: skip
_DOTTED = {f"{record}_{part}": f"{record}.{part}" for record, parts in _PARTS.items() for part in parts}
"""Names of fields of Zeek's nested records, as software that forbids dots writes them; any other underscore is Zeek's own."""

_MARKS: tuple[tuple[str, frozenset[str]], ...] = tuple(
    (path, frozenset(names.split()))
    for path, names in (
        ("conn", "conn_state"),
        ("dns", "query qtype_name"),
        ("dns", "trans_id rcode_name"),
        ("dns", "query trans_id"),
        ("http", "trans_depth request_body_len"),
        ("x509", "certificate.serial"),
        ("ssl", "established resumed"),
        ("kerberos", "request_type"),
        ("ssl", "cipher"),
        ("files", "fuid analyzers"),
        ("pe", "compile_ts"),
        ("smb_mapping", "share_type"),
        ("smb_files", "times.modified"),
        ("smb_files", "action path name"),
        ("dce_rpc", "endpoint operation"),
        ("dce_rpc", "named_pipe"),
        ("ntlm", "server_nb_computer_name"),
        ("ntlm", "hostname domainname"),
        ("ldap_search", "base_object"),
        ("ldap", "message_id opcode"),
        ("rdp", "security_protocol"),
        ("rdp", "cookie"),
        ("ssh", "auth_attempts"),
        ("ssh", "hassh"),
        ("smtp", "trans_depth helo"),
        ("ftp", "command reply_code"),
        ("dhcp", "msg_types"),
        ("ntp", "stratum"),
        ("snmp", "get_requests"),
        ("socks", "request.host"),
        ("tunnel", "tunnel_type"),
        ("notice", "note msg"),
        ("intel", "seen.indicator"),
        ("software", "software_type"),
        ("weird", "name notice"),
        ("dpd", "analyzer failure_reason"),
        ("known_services", "port_num port_proto"),
        ("capture_loss", "percent_lost"),
        ("stats", "pkts_proc"),
    )
)
"""Fields that only one log has, most common logs first. Source: Zeek documentation, "Log Files"."""


def sniff(head: bytes) -> bool:
    """Say whether the first object has Zeek's `ts` and its log's path, or a connection's `uid` and ends."""
    return is_zeek(first_object(head))


def is_zeek(record: Mapping[str, object]) -> bool:
    """Say whether an object has Zeek's `ts` and its log's path, or a connection's `uid` and ends."""
    if any(name in record for name in _PATH_NAMES):
        return "ts" in record or "@proc" in record
    return "ts" in record and "uid" in record and any(name in record for name in ("id.orig_h", "id_orig_h", "id"))


def rows(stream: IO[bytes]) -> Iterator[Row | Skipped]:
    """Yield one row a record; field names are those of Zeek's TSV (`id.orig_h`), whatever they were written as."""
    for record in records(stream):
        if isinstance(record, Skipped):
            yield record
        elif record.value.keys().isdisjoint(_ZEEK_NAMES):
            yield _NOT_ZEEK
        else:
            yield row(record)


def row(record: Record) -> Row | Skipped:
    """Give the row of one record."""
    try:
        fields = {_DOTTED.get(name, name): value for name, value in flatten(record.value).items()}
    except ValueError:
        return TOO_MANY_FIELDS
    return Row(log_source("zeek", _path(fields)), time_of(fields), host_of(fields), fields, record.raw)


def _path(fields: Mapping[str, Value]) -> str:
    for name in _PATH_NAMES:
        written = fields.get(name)
        if isinstance(written, str) and written:
            return written
    return _guessed(frozenset(fields))


@lru_cache(maxsize=4_096)
def _guessed(names: frozenset[str]) -> str:
    return next((path for path, marks in _MARKS if marks <= names), "")


zeek_json = Reader("zeek_json", sniff, rows)
