"""Learning assets from events: which hosts there are, their addresses and roles. Owns the guesses; all of them are marked as learnt."""

import ipaddress
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from watchkeeper.model.asset import Asset
from watchkeeper.model.batch import Batch, Value

_SYSMON = "Microsoft-Windows-Sysmon/Operational"
_OWN_ADDRESS = {
    (_SYSMON, "3"): ("Initiated", "true", "SourceIp"),
    ("Security", "5156"): ("Direction", "%%14593", "SourceAddress"),
    ("sysmon", "3"): ("Initiated", "true", "SourceIp"),
}
"""Log and event id to the field that must hold a value for the address field to be the host's own."""

_ROLE_EVENTS = {
    ("Security", "4768"): "domain-controller",
    ("Security", "4769"): "domain-controller",
    ("Security", "4771"): "domain-controller",
    ("Security", "4662"): "domain-controller",
    ("MSExchange Management", "1"): "mail",
    ("Microsoft-Windows-DNSServer/Audit", "515"): "dns",
}
"""Events that only a host of that role writes in numbers."""

_CRITICALITY = {"domain-controller": 5, "mail": 4, "dns": 4}
_ENOUGH = 3
_MOST_ADDRESSES = 4


@dataclass(frozen=True, slots=True)
class Learning:
    """What was counted of some of the events, for a learner in another process."""

    addresses: dict[str, dict[str, int]]
    """How often each address was a host's own, by host; every host that was seen is there."""
    roles: dict[str, dict[str, int]]
    """How many events of each role a host wrote, by host."""


class Learner:
    """Counts what each host's events say about it; memory grows with hosts, not with events."""

    def __init__(self) -> None:
        """Know nothing."""
        self._addresses: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._roles: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def observe(self, batch: Batch) -> None:
        """Learn from one batch."""
        hosts = Counter(host for host in batch.table.column("_host").to_pylist() if host)
        for host in hosts:
            self._addresses.setdefault(host, Counter())
        source = batch.logsource
        role = _ROLE_EVENTS.get((source.service, source.event_type))
        if role:
            for host, count in hosts.items():
                self._roles[host][role] += count
        own = _OWN_ADDRESS.get((source.service, source.event_type))
        if own and own[0] in batch.table.column_names:
            for host, row in zip(batch.table.column("_host").to_pylist(), batch.rows(), strict=True):
                self._note_address(host or "", row, own)

    def learnt(self) -> tuple[Asset, ...]:
        """Give every host seen, by name."""
        return tuple(self._asset(host) for host in sorted(self._addresses))

    def hand_over(self) -> Learning:
        """Give what was counted so far, and forget it."""
        learning = Learning(*({host: dict(counts) for host, counts in seen.items()} for seen in (self._addresses, self._roles)))
        self._addresses.clear()
        self._roles.clear()
        return learning

    def take_over(self, learning: Learning) -> None:
        """Add what another has counted of the events that come next; the guesses are as if they had been seen here."""
        for ours, theirs in ((self._addresses, learning.addresses), (self._roles, learning.roles)):
            for host, counts in theirs.items():
                ours[host].update(counts)

    def _note_address(self, host: str, row: Mapping[str, Value], own: tuple[str, str, str]) -> None:
        guard, wanted, field = own
        address = _only(row.get(field))
        if host and _only(row.get(guard)) == wanted and address is not None and _is_own(address):
            self._addresses[host][address] += 1

    def _asset(self, host: str) -> Asset:
        addresses = tuple(sorted(address for address, _ in _most(self._addresses[host])[:_MOST_ADDRESSES]))
        role = next((name for name, count in _most(self._roles[host])[:1] if count >= _ENOUGH), "")
        return Asset(name=host, role=role, criticality=_CRITICALITY.get(role, 2), addresses=addresses)


def _most(counted: Counter[str]) -> list[tuple[str, int]]:
    """Give what was counted, most first; what is as frequent by name, so that the order in which events came does not matter."""
    return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))


def _only(value: Value | None) -> str | None:
    """Give the one text of a value, which is a list where another event of the batch has several; none if there are none or several."""
    if value is None or isinstance(value, str):
        return value
    return value[0] if len(value) == 1 else None


def _is_own(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return not (parsed.is_loopback or parsed.is_unspecified or parsed.is_multicast or parsed.is_link_local)
