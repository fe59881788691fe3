"""Spelling: the one way to write an entity, so that another spelling of it is no other thing. Owns that, and what is a network."""

import ipaddress
import re
from functools import lru_cache
from socket import inet_aton

from watchkeeper.model.entity import Entity, EntityKind

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_ANY_CASE: frozenset[EntityKind] = frozenset({"address", "domain", "hash", "host", "user", "account", "mailbox", "fingerprint"})
_LONGEST_NETWORK = 100
"""No address or network is written in more characters, with some blanks around it."""
_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_PLAIN_IPV4 = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}", re.ASCII)


def plain(entity: Entity) -> Entity:
    """Give the one way to write something."""
    if entity.kind == "address" and _PLAIN_IPV4.fullmatch(entity.value):
        return entity
    value = entity.value.strip()
    if entity.kind == "address" and (network := network_of(value)) is not None:
        value = str(network if network.prefixlen < network.max_prefixlen else network.network_address)
    if entity.kind in _ANY_CASE:
        value = value.lower().rstrip(".")
    return entity if value == entity.value else Entity(kind=entity.kind, value=value)


def is_wide(entity: Entity) -> bool:
    """Say whether an address is written that stands for a whole network."""
    found = span(entity.value) if entity.kind == "address" else None
    return found is not None and found[1] < found[2]


def span(value: str) -> tuple[int, int, int] | None:
    """Give the version of an address or network, and the first and the last number in it; none if it is neither."""
    if _PLAIN_IPV4.fullmatch(value):
        number = int.from_bytes(inet_aton(value))
        return 4, number, number
    network = network_of(value)
    return (network.version, int(network.network_address), int(network.broadcast_address)) if network is not None else None


@lru_cache(maxsize=1 << 14)
def network_of(value: str) -> Network | None:
    """Read an address or a network; none if it is neither."""
    if len(value) > _LONGEST_NETWORK:
        return None
    try:
        return ipaddress.ip_network(value.strip(), strict=False)
    except ValueError:
        return None
