"""Network addresses in records: their canonical form, and which end of a connection a record is about. Owns nothing else."""

from functools import lru_cache
from ipaddress import ip_address


def inside_end(originator: str, responder: str) -> str:
    """Give the originator, unless only the responder's address is private: the host that the organisation owns is the one to look at."""
    return responder if responder and not is_private(originator) and is_private(responder) else originator


@lru_cache(maxsize=65_536)
def is_private(address: str) -> bool:
    """Say whether this is an address of a private or link-local range; text that is no address is not."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return parsed.is_private and not parsed.is_unspecified


def canonical(address: str) -> str:
    """Give an address in its shortest spelling; text that is no address is given in lower case."""
    try:
        return str(ip_address(address))
    except ValueError:
        return address.lower()
