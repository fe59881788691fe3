"""Which events say that a host was at an address. Owns the list of them; what follows from many stands in `held`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address, ip_network

import pyarrow as pa

from watchkeeper.assets.held import Source
from watchkeeper.model.batch import Batch, Value

_SYSMON = "Microsoft-Windows-Sysmon/Operational"
_OWN = ""
_INSIDE = tuple(ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"))
"""Of names that lead elsewhere we know no host."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """How one type of event says it."""

    source: Source
    host: str
    """Field that names the host; empty for the host that wrote the event."""
    addresses: tuple[str, ...]
    """Fields that may have its address."""
    guard: tuple[str, str] = ("", "")
    """A field and the value it must have."""


_SIGHTINGS: Mapping[tuple[str, str, str], Sighting] = {
    ("windows", _SYSMON, "3"): Sighting("own", _OWN, ("SourceIp",), ("Initiated", "true")),
    ("windows", "Security", "5156"): Sighting("own", _OWN, ("SourceAddress",), ("Direction", "%%14593")),
    ("linux", "sysmon", "3"): Sighting("own", _OWN, ("SourceIp",), ("Initiated", "true")),
    ("zeek", "dhcp", ""): Sighting("dhcp", "host_name", ("assigned_addr", "client_addr")),
    ("suricata", "dhcp", ""): Sighting("dhcp", "dhcp.hostname", ("dhcp.assigned_ip",)),
    ("m365", "DeviceNetworkEvents", ""): Sighting("agent", _OWN, ("LocalIP",)),
    ("wazuh", "alerts", ""): Sighting("agent", "agent.name", ("agent.ip",)),
    ("windows", "Security", "4624"): Sighting("logon", "WorkstationName", ("IpAddress",)),
    ("zeek", "ntlm", ""): Sighting("logon", "hostname", ("id.orig_h",)),
    ("zeek", "rdp", ""): Sighting("logon", "client_name", ("id.orig_h",)),
    ("zeek", "dns", ""): Sighting("dns", "query", ("answers",)),
    ("windows", _SYSMON, "22"): Sighting("dns", "QueryName", ("QueryResults",)),
}
"""By product, log and type of event."""


def sightings(batch: Batch) -> Iterator[tuple[str, str, int | None, Source]]:
    """Yield address, host, time in µs since 1970 if there is one, and who says so, for each sighting of a host at an address in a batch."""
    source = batch.logsource
    how = _SIGHTINGS.get((source.product, source.service, source.event_type))
    fields = [] if how is None else [name for name in how.addresses if name in batch.table.column_names]
    if how is None or not fields or (how.host or "_host") not in batch.table.column_names:
        return
    hosts = batch.table.column(how.host or "_host").to_pylist()
    times = _times(batch.table)
    guarded = _guarded(batch.table, how.guard)
    for name in fields:
        for host, time, holds, value in zip(hosts, times, guarded, batch.table.column(name).to_pylist(), strict=True):
            named = short(_only(host)) if holds else ""
            for address in _addresses(value, private=how.source == "dns") if named else ():
                yield address, named, time, how.source


@lru_cache(maxsize=65_536)
def short(name: str) -> str:
    """Name a host as everywhere: lower case, without domain; an address is no name."""
    stripped = name.strip().lstrip("\\")
    return "" if stripped in ("", "-") or _address(stripped) else stripped.lower().split(".", 1)[0]


def _times(table: pa.Table) -> list[int | None]:
    if "_time" not in table.column_names:
        return [None] * table.num_rows
    return table.column("_time").cast(pa.int64()).to_pylist()


def _guarded(table: pa.Table, guard: tuple[str, str]) -> list[bool]:
    """Say of each row whether it has what it must have."""
    field, wanted = guard
    if not field:
        return [True] * table.num_rows
    if field not in table.column_names:
        return [False] * table.num_rows
    return [_only(value) == wanted for value in table.column(field).to_pylist()]


def _only(value: Value | None) -> str:
    """Give the one text of a value, which is a list where another event of the batch has several; nothing if there are none or several."""
    if value is None or isinstance(value, str):
        return value or ""
    return value[0] if len(value) == 1 else ""


def _addresses(value: Value | None, *, private: bool) -> Iterator[str]:
    texts: Sequence[str] = () if value is None else (value,) if isinstance(value, str) else value
    for part in (part for text in texts for part in text.split(";")):
        address = _address(part)
        if address and (not private or any(ip_address(address) in network for network in _INSIDE)):
            yield address


@lru_cache(maxsize=65_536)
def _address(text: str) -> str:
    """Give an address that one host can have, in canonical form; empty if it is none."""
    try:
        found = ip_address(text.strip())
    except ValueError:
        return ""
    found = getattr(found, "ipv4_mapped", None) or found
    return "" if found.is_loopback or found.is_unspecified or found.is_multicast or found.is_link_local else str(found)
