"""Thing and Fact: the private shapes of tracing before anything is chosen. Owns them, not the making."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PureWindowsPath

from watchkeeper.model.event import Event
from watchkeeper.model.trace import NodeKind


@dataclass(frozen=True, slots=True)
class Thing:
    """What may become a node: equal keys mean the same thing."""

    key: str
    kind: NodeKind
    label: str
    host: str = ""
    details: Mapping[str, str] = field(default_factory=dict[str, str], compare=False)


@dataclass(frozen=True, slots=True)
class Fact:
    """One event says that the source did something to the target."""

    kind: str
    source: Thing
    target: Thing
    event: Event
    predicate: str = ""
    """What the story would say of it; empty if nothing."""
    arguments: Mapping[str, str] = field(default_factory=dict[str, str])
    about_target: bool = False
    """A signal on this event is about the target (a process that was started), not about who acted."""
    worth: float = 0.0
    """From 0 to 1: how much a step to another host tells, by how new it is here and what it won (`worth.py`); 0 for every other edge."""


def text(event: Event, *names: str) -> str:
    """Give the first of the fields that says something, or nothing."""
    for name in names:
        value = event.fields.get(name, "")
        value = value if isinstance(value, str) else next(iter(value), "")
        if value and value != "-":
            return value
    return ""


def named(user: str) -> str:
    """Give an account's name for comparison: lower case without domain."""
    return PureWindowsPath(user.split("@", maxsplit=1)[0]).name.lower()


def address(value: str) -> str | None:
    """Give an address in canonical form; none for what no other machine has (loopback, multicast, link-local)."""
    try:
        found = ipaddress.ip_address(value.strip().split("%")[0])
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    idle = found.is_loopback or found.is_multicast or found.is_unspecified or found.is_link_local or str(found) == "255.255.255.255"
    return None if idle else str(found)
