"""Network addresses in records: their canonical form, and which end of a connection a record is about. Owns nothing else."""

from functools import lru_cache
from ipaddress import ip_address, ip_network

_INSIDE = tuple(map(ip_network, (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8", "fc00::/7", "fe80::/10", "::1/128",
)))  # fmt: skip
"""Source: RFC 1918, 6598, 3927, 4193, 4291."""


def inside_end(originator: str, responder: str) -> str:
    """Give the originator, unless only the responder's address is private: the host that the organisation owns is the one to look at."""
    return responder if responder and not is_private(originator) and is_private(responder) else originator


@lru_cache(maxsize=65_536)
def is_private(address: str) -> bool:
    """Say whether this is a private, shared, link-local or loopback address; text that is no address is not."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in _INSIDE)


def canonical(address: str) -> str:
    """Give an address in its shortest spelling; text that is no address is given in lower case."""
    try:
        return str(ip_address(address))
    except ValueError:
        return address.lower()
