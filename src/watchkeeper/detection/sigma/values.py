"""Values read out of text: numbers, times, addresses. Owns what counts as one; comparing is the evaluator's."""

import operator
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from watchkeeper.detection.sigma.condition import Operator, Part

COMPARE: dict[Operator, Callable[[float, float], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}

_PARTS: dict[Part, Callable[[datetime], int]] = {
    "minute": lambda time: time.minute,
    "hour": lambda time: time.hour,
    "day": lambda time: time.day,
    "week": lambda time: time.isocalendar().week,
    "month": lambda time: time.month,
    "year": lambda time: time.year,
}


@lru_cache(maxsize=65_536)
def number(text: str) -> float | None:
    """Read a number in decimal or, with `0x`, in hexadecimal notation; none if the text is not exactly that."""
    try:
        if text[:2].lower() == "0x":
            return int(text, 16)
        value = float(text)
    except ValueError:
        return None
    if value.is_integer() and text.lstrip("+-").isdecimal():
        return int(text)  # large whole numbers are compared exactly
    return value if text[-1:].isdecimal() or text.endswith(".") else None  # neither `nan` nor `inf`


@lru_cache(maxsize=65_536)
def time_part(text: str, part: Part) -> int | None:
    """Read a part of a time written in ISO 8601 or in seconds since 1970; UTC unless the text says otherwise; none if it is no time."""
    seconds = number(text)
    try:
        time = datetime.fromisoformat(text) if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return _PARTS[part](time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC))


@lru_cache(maxsize=65_536)
def address(text: str) -> IPv4Address | IPv6Address | None:
    """Read an address; one of IPv4 written within IPv6 is IPv4, a zone is ignored; none if the text is no address."""
    try:
        found = ip_address(text.partition("%")[0].strip("[]"))
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def within(network: IPv4Network | IPv6Network) -> Callable[[str], bool]:
    """Give the question whether a text is an address in the network."""

    def inside(text: str) -> bool:
        found = address(text)
        return found is not None and found.version == network.version and found in network

    return inside


def network(cidr: str) -> IPv4Network | IPv6Network:
    """Read a network.

    Raises:
        ValueError: the text is no network in CIDR notation.
    """
    return ip_network(cidr)
