"""Entities and users of an event. Owns normalising what the schema says names them, and the noise; which matter is correlation's."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from watchkeeper.content import document
from watchkeeper.detection.intel.values import canonical
from watchkeeper.detection.sigma.values import address
from watchkeeper.model.batch import Value
from watchkeeper.model.logsource import LogSource
from watchkeeper.schema import naming
from watchkeeper.schema.account import bare, parted, qualified
from watchkeeper.schema.naming import Name

Pair = tuple[str, str]
"""Kind and value of an entity."""

_EMPTY = frozenset({"", "-", "%%1793", "(null)", "null", "none"})
"""How logs write that there is no value."""
_HASH = re.compile(r"(?:([A-Za-z0-9]+)=)?([0-9A-Fa-f]{32,128})")
_VOLUME = re.compile(r"\A\\device\\harddiskvolume\d+")
"""How the kernel names the volume of a path."""
_SHARED_HASHES = frozenset({"IMPHASH", "PESHA1", "PESHA256"})
"""Hashes that are not of one file's whole content."""


@dataclass(frozen=True)
class _Spec:
    users: Mapping[str, Sequence[str]]
    domains: Mapping[str, Sequence[str]]
    noise: Mapping[str, frozenset[str]]
    noisy_starts: Mapping[str, tuple[str, ...]]


def user_of(source: LogSource, row: Mapping[str, Value]) -> str:
    """Give the user who acted, lower case with the domain that the event says; a service account if nobody else is named; else empty."""
    names = [name for text in _user_texts(source, row) if (name := _account(text))]
    return next((name for name in names if not is_noise("user", name)), names[0] if names else "")


def entities_of(source: LogSource, row: Mapping[str, Value], host: str) -> Sequence[Pair]:
    """Give what the event talks about, each once, the host first; well-known noise is left out."""
    found = [("host", host)] if host else []
    for name in naming(source):
        for text in name.texts(row):
            found.extend(normalised(name.kind, _whole(name, text, row) if name.kind == "user" else text))
    return tuple(dict.fromkeys(found))


def fields_needed(source: LogSource) -> frozenset[str]:
    """Give the fields that users and entities of a log source's events are read from, or that say when."""
    names = naming(source)
    conditions = [one for name in names for one in (*name.conditions, *([name.step.by] if name.step.by else []))]
    named = (*_spec().users.get(source.product, ()), *(field for name in names for field in name.natives))
    domains = (domain for field in named for domain in _spec().domains.get(field, ()))
    return frozenset((*named, *domains, *(field for one in conditions for field, _ in one.wanted)))


def normalised(kind: str, text: str) -> Iterator[Pair]:
    """Yield the entity that a text names, normalised; nothing if it is noise or no such thing."""
    stripped = text.strip()
    if stripped.lower() not in _EMPTY:
        yield from ((kind, value) for value in _values(kind, stripped) if value and not is_noise(kind, value))


def is_noise(kind: str, value: str) -> bool:
    """Say whether a normalised value ties nothing together."""
    spec = _spec()
    if kind == "user":
        value = bare(value)
    machine = kind == "user" and value.endswith("$")
    if kind == "process":
        value = _VOLUME.sub("c:", value)
    return machine or value in spec.noise.get(kind, frozenset()) or value.startswith(spec.noisy_starts.get(kind, ()))


@cache
def _spec() -> _Spec:
    parsed = cast("dict[str, dict[str, Any]]", document("entities.yml"))
    noise = cast("dict[str, list[str]]", parsed["noise"])
    return _Spec(
        users=parsed["users"],
        domains=parsed["domains"],
        noise={kind: frozenset(values) for kind, values in noise.items()},
        noisy_starts={kind: tuple(value[:-1] for value in values if value.endswith("*")) for kind, values in noise.items()},
    )


def _user_texts(source: LogSource, row: Mapping[str, Value]) -> Iterator[str]:
    """Yield what may name who acted, best first: by the list of the product, or else by what the schema says of actors, then of users."""
    fields = _spec().users.get(source.product)
    if fields is None:
        users = [name for name in naming(source) if name.kind == "user"]
        for name in sorted(users, key=lambda name: not name.path.startswith("actor.")):
            yield from (_whole(name, text, row) for text in name.texts(row))
    for field in fields or ():
        yield from (_with_domain(field, text, row) for text in _texts(row.get(field)))


def _whole(name: Name, text: str, row: Mapping[str, Value]) -> str:
    """Give an account with the domain that its own field says, or the one beside it; the attribute has the name alone."""
    own = (raw for raw in _texts(row.get(name.field)) if raw.endswith(f"\\{text}") or raw.startswith(f"{text}@"))
    return next(own, None) or _with_domain(name.field, text, row)


def _with_domain(field: str, text: str, row: Mapping[str, Value]) -> str:
    domains = next((found for name in _spec().domains.get(field, ()) if (found := _texts(row.get(name)))), ())
    return qualified(domains[0], text) if len(domains) == 1 and "\\" not in text and "@" not in text else text


def _texts(value: Value | None) -> Sequence[str]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value


def _account(text: str) -> str:
    """Name an account with its domain, if it has one; one that every machine has goes without."""
    lowered = text.strip().lower()
    domain, name = parted(lowered)
    if name in _EMPTY or lowered in _EMPTY:
        return ""
    if not domain or is_noise("user", name):
        return name
    return lowered if "@" in lowered.rpartition("\\")[2] else f"{domain}\\{name}"


def _values(kind: str, text: str) -> Iterator[str]:
    match kind:
        case "user":
            yield _user(text)
        case "account":
            yield text.lower()
        case "host":
            yield _host(text)
        case "address":
            yield _address(text)
        case "domain":
            yield _domain(text)
        case "hash":
            yield _hash(text)
        case "url":
            yield canonical("url", text) or text.lower()
        case _:
            yield text.lower()


def _user(text: str) -> str:
    """Name a user with the domain or UPN suffix that it has; of a directory path its own name."""
    return _account(text[3:].partition(",")[0] if text[:3].lower() == "cn=" else text)


def _hash(text: str) -> str:
    """Take the longest of several hashes of one file, so that one file is one entity."""
    own = [value for name, value in _HASH.findall(text) if name.upper() not in _SHARED_HASHES]
    return max(own, key=len, default="").lower()


def _host(text: str) -> str:
    name = text.lstrip("\\").rstrip("$")
    return "" if address(name) else name.partition(".")[0].lower()


def _address(text: str) -> str:
    found = address(text)
    if found is None or found.is_loopback or found.is_link_local or found.is_unspecified or found.is_multicast:
        return ""
    return "" if str(found) == "255.255.255.255" else str(found)


def _domain(text: str) -> str:
    """Name a domain; an address, a single label or a reverse look-up is none."""
    name = text.rstrip(".").lower().partition(":")[0]
    return "" if "." not in name or address(name) or name.endswith((".in-addr.arpa", ".ip6.arpa", ".local")) else name
