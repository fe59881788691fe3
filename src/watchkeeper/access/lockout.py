"""Slowing who guesses: the more attempts failed, the longer the next one has to wait. Owns the delays; counts are kept by the store.

An account and an address each have a count. What was typed as a login counts whether there is such a user or not, so that nothing is
told by it.
"""

import hashlib
import ipaddress
from datetime import timedelta

FORGOTTEN_AFTER = timedelta(days=1)
"""Failures count until nothing failed for so long."""
_FREE = {"login": 4, "address": 20}
_LONGEST_SECONDS = {"login": 900, "address": 3600}


def counted(login: str, address: str) -> tuple[str, str]:
    """Give the names under which an attempt counts; what was typed cannot be read from them, as it may be a password."""
    return f"login:{hashlib.sha256(login.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}", f"address:{network(address)}"


def delay(name: str, failures: int) -> timedelta:
    """Give how long after the last failure the next attempt may come: nothing for the first few, then a second, doubled each time."""
    kind = name.partition(":")[0]
    over = failures - _FREE[kind]
    return timedelta(0) if over <= 0 else timedelta(seconds=min(2 ** min(over - 1, 20), _LONGEST_SECONDS[kind]))


def network(address: str) -> str:
    """Give what of an address one person has: an IPv4 address, or the /64 that an IPv6 address is in."""
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(known, ipaddress.IPv6Address):
        return str(known.ipv4_mapped or ipaddress.ip_network((known, 64), strict=False))
    return str(known)
