"""Ranges: addresses as Windows' firewall is told them and lists them. Owns the arithmetic: everything but some networks, and what is left.

A rule that blocks wins over every rule that allows, so whoever shall get through may not be among the addresses of one that blocks.
Source: New-NetFirewallRule, `-RemoteAddress` (an address, a subnet by prefix or mask, or FIRST-LAST).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
_BITS = {4: 32, 6: 128}
NOBODY: tuple[Network, ...] = (ip_network("0.0.0.0/8"), ip_network("127.0.0.0/8"), ip_network("::/64"))
"""Addresses that no other machine has: this host itself, loopback, and IPv4 written as IPv6 (RFC 6890)."""


@dataclass(frozen=True, slots=True, order=True)
class Range:
    """Addresses of one version from the first to the last, both of them in it."""

    version: int
    """4 or 6."""
    first: int
    """The first address, as a number."""
    last: int
    """The last address, as a number."""

    def __str__(self) -> str:
        first, last = (IPv4Address(n) if self.version == 4 else IPv6Address(n) for n in (self.first, self.last))
        return f"{first}-{last}"


ALL = tuple(Range(version, 0, (1 << bits) - 1) for version, bits in _BITS.items())
"""Every address."""


def of(networks: Iterable[Network]) -> tuple[Range, ...]:
    """Give the addresses of some networks as ranges, in order, none touching another."""
    return _joined(Range(one.version, int(one[0]), int(one[-1])) for one in networks)


def beyond(ranges: Iterable[Range], inside: Iterable[Range] = ALL) -> tuple[Range, ...]:
    """Give what is left of `inside`, every address if it is left out, without some ranges."""
    taken = _joined(ranges)
    return tuple(rest for one in _joined(inside) for rest in _rest(one, taken))


def read(listed: Iterable[str]) -> tuple[Range, ...]:
    """Read addresses as the firewall lists them.

    Raises:
        ValueError: one is none, such as a keyword.
    """
    return _joined(found for text in listed for found in (ALL if text == "Any" else (_read(text),)))


def _read(text: str) -> Range:
    first, dash, last = text.partition("-")
    if not dash:
        return of((ip_network(text, strict=False),))[0]
    begin, end = ip_address(first.strip()), ip_address(last.strip())
    if begin.version != end.version or int(begin) > int(end):
        raise ValueError(f"{text[:80]!r} is no range of addresses")
    return Range(begin.version, int(begin), int(end))


def _rest(one: Range, taken: Iterable[Range]) -> Iterator[Range]:
    begin = one.first
    for gone in taken:
        if gone.version != one.version or gone.last < begin or gone.first > one.last:
            continue
        if gone.first > begin:
            yield Range(one.version, begin, gone.first - 1)
        begin = gone.last + 1
    if begin <= one.last:
        yield Range(one.version, begin, one.last)


def _joined(ranges: Iterable[Range]) -> tuple[Range, ...]:
    joined: list[Range] = []
    for one in sorted(ranges):
        before = joined[-1] if joined else None
        if before and before.version == one.version and one.first <= before.last + 1:
            joined[-1] = Range(one.version, before.first, max(before.last, one.last))
        else:
            joined.append(one)
    return tuple(joined)
