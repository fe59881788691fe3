"""What is known: indicators, and what is known to be harmless or the organisation's own. Owns which indicators of a value count.

Order: what is the organisation's own, private or on an allow-list never matches, except an indicator that says it may; what was taken back
or has expired does not either. Each reason is a value that people are shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from ipaddress import ip_network
from typing import Any, Literal, NamedTuple

from watchkeeper.detection.intel.allow import NO_LISTS, AllowLists, Covered
from watchkeeper.detection.intel.lookup import Lookup, Pair
from watchkeeper.detection.intel.ranges import Network, Ranges, key_of, ranges
from watchkeeper.detection.intel.values import canonical, host_of, network, suffixes

Reason = Literal["allow-list", "own", "private", "expired", "revoked"]
PRIVATE = "private, loopback and other special addresses"
OWN = "the organisation's own networks and domains"
_SPECIAL = tuple(ip_network(text) for text in (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.168.0.0/16",
    "224.0.0.0/4", "240.0.0.0/4", "::/127", "fc00::/7", "fe80::/10", "ff00::/8",
))  # fmt: skip
"""Source: IANA special-purpose address registries; the ranges for documentation are left out, they do no harm."""


@dataclass(frozen=True, slots=True)
class Owned:
    """What belongs to the organisation."""

    networks: tuple[Network, ...] = ()
    domains: frozenset[str] = frozenset()
    table: Ranges = field(default_factory=lambda: ranges(()))

    def covering(self, kind: str, value: str) -> Covered | None:
        """Say what of the organisation's own a value is."""
        key = key_of(value) if kind == "address" else None
        if key:
            found = self.table.find([key])[0]
            return Covered(OWN, str(self.networks[found[0]])) if found else None
        if kind == "network":
            parsed = network(value)
            found = self.table.around(parsed) if parsed else []
            return Covered(OWN, str(self.networks[found[0]])) if found else None
        host = {"domain": value, "url": host_of(value) if kind == "url" else "", "mailbox": value.rpartition("@")[2]}.get(kind, "")
        if kind == "url" and canonical("address", host):
            return self.covering("address", host)
        name = next((one for one in suffixes(host) if one in self.domains), "")
        return Covered(OWN, name) if name else None


def owned(networks: Sequence[str] = (), domains: Sequence[str] = ()) -> Owned:
    """Give what belongs to an organisation.

    Raises:
        ValueError: a network or domain is none; the message names it.
    """
    parsed: list[Network] = []
    for text in networks:
        one = network(text)
        if one is None:
            raise ValueError(f"network {text!r} is none; write it like 192.0.2.0/24")
        parsed.append(one)
    names = [(text, canonical("domain", text)) for text in domains]
    wrong = [text for text, name in names if not name]
    if wrong:
        raise ValueError(f"domain {wrong[0]!r} is none; write it like example.org")
    return Owned(tuple(parsed), frozenset(name for _, name in names), ranges(parsed))


class Suppressed(NamedTuple):
    """An indicator that has a value and does not count, and why."""

    row: int
    reason: Reason
    because: Covered


class Verdict(NamedTuple):
    """What is known of one value."""

    pair: Pair
    rows: tuple[int, ...]
    """Indicators that count, the surest first."""
    suppressed: tuple[Suppressed, ...]


@dataclass(frozen=True)
class Known:
    """Indicators, allow-lists and what is the organisation's own."""

    lookup: Lookup
    allow: AllowLists = NO_LISTS
    own: Owned = field(default_factory=Owned)
    always: bool = False
    """Nothing suppresses these indicators: they are the organisation's own watchlists."""
    follows: bool = False
    """They are what is followed of attackers: their signals are told as such."""

    def verdicts(self, pairs: Sequence[Pair]) -> list[Verdict | None]:
        """Give what is known of values; none where no indicator has the value. A domain is also looked up by those above it."""
        wanted: list[Pair] = []
        owner: list[int] = []
        for place, (kind, value) in enumerate(pairs):
            names = suffixes(value) if kind == "domain" else (value,)
            wanted += [(kind, name) for name in names]
            owner += [place] * len(names)
        found: dict[int, tuple[int, ...]] = {}
        for place, rows in zip(owner, self.lookup.find(wanted), strict=True):
            if rows:
                found[place] = (*found.get(place, ()), *rows)
        return [self._verdict(pair, found[place]) if place in found else None for place, pair in enumerate(pairs)]

    def at(self, rows: Sequence[int], time: datetime | None) -> tuple[int, ...]:
        """Give the indicators that have not expired at a time; an event without a time is looked at as if it were none."""
        until = self._until
        return tuple(row for row in rows if time is None or (end := until(row)) is None or time <= end)

    def _verdict(self, pair: Pair, rows: tuple[int, ...]) -> Verdict:
        if self.always:
            return Verdict(pair, self._ordered(rows), ())
        private = is_special(*pair)
        covered = self.own.covering(*pair) or self.allow.covering(*pair)
        counting: list[int] = []
        suppressed: list[Suppressed] = []
        for row in rows:
            one = self.lookup.row(row)
            if one["inside"]:
                counting.append(row)
            elif private:
                suppressed.append(Suppressed(row, "private", Covered(PRIVATE, private)))
            else:
                because = covered or self.own.covering(one["kind"], one["value"]) or self.allow.covering(one["kind"], one["value"])
                if because:
                    suppressed.append(Suppressed(row, "own" if because.list_name == OWN else "allow-list", because))
                else:
                    counting.append(row)
        return Verdict(pair, self._ordered(counting), tuple(suppressed))

    def _ordered(self, rows: Sequence[int]) -> tuple[int, ...]:
        confidences = self.lookup.indicators.column("confidence")
        ids = self.lookup.indicators.column("id")
        return tuple(sorted(dict.fromkeys(rows), key=lambda row: (-int(confidences[row].as_py()), str(ids[row].as_py()))))

    def _until(self, row: int) -> datetime | None:
        value: Any = self.lookup.indicators.column("valid_until")[row].as_py()
        return value


@lru_cache(maxsize=16_384)
def is_special(kind: str, value: str) -> str:
    """Give the special range that an address, a network, or the address in a URL is in; empty if none."""
    text = host_of(value) if kind == "url" else value
    found = network(text) if kind in ("address", "network") or canonical("address", text) else None
    if found is None:
        return ""
    return next((str(one) for one in _SPECIAL if one.version == found.version and _within(found, one)), "")


def _within(inner: Network, outer: Network) -> bool:
    return inner.network_address in outer and inner.prefixlen >= outer.prefixlen
