"""Blocking: which rules of Windows' firewall cut a host off, and what still gets through some rules. Owns no word to the host.

A rule that blocks wins over all that allow, so these block every address but those that shall get through.
"""

from collections.abc import Iterator, Mapping
from ipaddress import ip_network

from watchkeeper.response.connectors.windows.firewall import Blocking
from watchkeeper.response.connectors.windows.ranges import NOBODY, Network, Range, beyond, of, read

_DIRECTIONS = {"Inbound": "in", "Outbound": "out"}
_PROTOCOLS = ("TCP", "UDP", "ICMPv4")
_LINK: tuple[Network, ...] = (ip_network("255.255.255.252/30"), ip_network("fe80::/10"), ip_network("ff02::/16"))
"""Where leases and neighbours are asked for: the broadcast address (in a range, since alone it is none to a rule), and the link of IPv6."""
_NO_LEASES = ("1-67", "69-545", "547-65535")
"""Every port of the host but those at which leases arrive (DHCP and DHCPv6)."""


def rules(group: str, open_: tuple[Network, ...], near: tuple[Network, ...]) -> Iterator[Mapping[str, str | list[str]]]:
    """Give the rules of a group: all of what is far, and of what is near all but leases and what makes neighbours known.

    Raises:
        ValueError: there is nothing to block.
    """
    free = (*of(NOBODY), *of(open_))
    close = beyond(free, of((*_LINK, *near)))
    far = beyond((*free, *close))
    if not far:
        raise ValueError("`responders` are everybody, so nothing would be cut off; name those alone who respond")
    old = tuple(one for one in close if one.version == 4)
    for direction, way in _DIRECTIONS.items():
        for protocol, ranges in (("Any", far), ("TCP", close), ("UDP", close), ("ICMPv4", old)):
            if ranges:  # a rule without addresses would be for everybody
                name, ports = f"{group} {way} {protocol}", [*_NO_LEASES] if protocol == "UDP" else []
                yield {"name": name, "direction": direction, "protocol": protocol, "addresses": [*map(str, ranges)], "ports": ports}


def holes(rules: tuple[Blocking, ...], open_: tuple[Network, ...]) -> Iterator[str]:
    """Say what still gets through beside those who shall: the first addresses of each protocol and direction."""
    shut = beyond((*of(NOBODY), *of(open_)))
    for direction, way in _DIRECTIONS.items():
        for protocol in _PROTOCOLS:
            blocked = [one for rule in rules if rule.direction == direction and _is_for(rule, protocol) for one in _listed(rule)]
            for one in beyond(blocked, [one for one in shut if protocol != "ICMPv4" or one.version == 4])[:1]:
                yield f"{protocol} {way} is open to {one}"


def _is_for(rule: Blocking, protocol: str) -> bool:
    if not rule.blocks or rule.protocol not in {"Any", protocol}:
        return False
    if rule.protocol not in {"TCP", "UDP"}:  # what is listed as ports of a protocol that has none says nothing
        return True
    ports = set(rule.ports) - {"Any"}
    return not ports or (rule.protocol == "UDP" and ports == set(_NO_LEASES))


def _listed(rule: Blocking) -> tuple[Range, ...]:
    try:
        return read(rule.addresses)
    except ValueError:  # somebody changed it to what is no address, such as LocalSubnet: that covers nothing that counts here
        return ()
