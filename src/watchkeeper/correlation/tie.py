"""Entities that tie folds together. Owns which are telling and which are hubs; joining sessions by them stands in `grow`."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from watchkeeper.correlation.fold import EntityKey, Folded
from watchkeeper.correlation.rarity import Rarity
from watchkeeper.correlation.session import Span

HostOf = Callable[[str, int | None], str | None]
"""Gives the host that held an address at a time, µs since 1970-01-01 UTC; none if nobody knows."""

EVERYDAY_SHARE = 0.35
"""A fold less unusual than this is everyday: what it names ties nothing at its own place."""
UNUSUAL_SHARE = 0.8
"""A fold less unusual than this does not make what it names special between places."""
HUB_PLACES, HUB_SHARE = 4, 0.1
"""What such folds name at so many places, and at such a share of all places, is a hub."""
CONTACT_SHARE = 0.5
"""A fold so unusual ties its host even to a hub that it names."""

COMMON_USERS = frozenset({
    "", "-", "0", "n/a", "unknown", "system", "localsystem", "local service", "localservice", "network service", "networkservice",
    "anonymous logon", "iusr", "dwm-1", "dwm-2", "dwm-3", "umfd-0", "umfd-1", "umfd-2", "s-1-5-18", "s-1-5-19", "s-1-5-20",
    "root", "nobody", "www-data",
})  # fmt: skip
"""Accounts that every machine has; they tie nothing together."""
COMMON_FOLDERS = (
    "c:\\windows\\", "c:\\program files\\", "c:\\program files (x86)\\", "\\systemroot\\", "\\device\\", "system",
    "/bin/", "/sbin/", "/usr/", "/lib/", "/lib64/", "/opt/", "/proc/", "/dev/",
)  # fmt: skip
"""Where ordinary programs live; a file there is on every machine."""
TIE_KINDS = frozenset({"host", "user", "account", "address", "domain", "url", "hash", "process", "file", "service", "task", "mailbox"})


@dataclass(frozen=True, slots=True)
class Ties:
    """What each fold could share with others, hubs left out."""

    of: tuple[frozenset[EntityKey], ...]
    """By the position of the fold: everything it names that could tie."""
    rare: tuple[frozenset[EntityKey], ...]
    """By the position of the fold: what is not everyday at its own place; only this ties folds of one place."""
    accounts: tuple[frozenset[EntityKey], ...]
    """By the position of the fold: accounts that are hubs, such as an administrator's; they tie only what is very unusual by itself."""
    contacts: tuple[frozenset[str], ...]
    """By the position of the fold: other hosts that it names; one that everyday signals name everywhere only if the fold is unusual."""
    places: dict[EntityKey, int]
    """At how many places each is named."""


def ties(folds: Sequence[Folded], rarity: Sequence[Rarity], spans: Sequence[Span], host_of: HostOf) -> Ties:
    """Find what ties each fold to others; `host_of` gives the host that held an address when a fold began."""
    stock = _stock(folds)
    hosts = frozenset(fold.host for fold in folds)
    named = [frozenset(_resolved(key, fold.first, host_of, hosts) for key in _named(fold) if _telling(key)) - stock for fold in folds]
    at: defaultdict[EntityKey, set[str]] = defaultdict(set)
    usual: defaultdict[EntityKey, set[str]] = defaultdict(set)
    everyday: defaultdict[EntityKey, set[str]] = defaultdict(set)
    for fold, keys, rare in zip(folds, named, rarity, strict=True):
        place = spans[fold.session].place
        for key in keys:
            at[key].add(place)
            if place == ":".join(key) or rare.share < EVERYDAY_SHARE:
                everyday[key].add(place)
            if place != ":".join(key) and rare.share < UNUSUAL_SHARE:
                usual[key].add(place)
    limit = max(HUB_PLACES, HUB_SHARE * len({span.place for span in spans}))
    hubs = frozenset(key for key, places in usual.items() if len(places) >= limit)
    of = tuple(keys - hubs for keys in named)
    return Ties(
        of=of,
        rare=tuple(
            frozenset(key for key in keys if spans[fold.session].place not in everyday[key]) for fold, keys in zip(folds, of, strict=True)
        ),
        accounts=tuple(frozenset(key for key in keys & hubs if key[0] in ("user", "account")) for keys in named),
        contacts=tuple(_contacts(fold.host, keys, rare, hubs) for fold, keys, rare in zip(folds, named, rarity, strict=True)),
        places={key: len(places) for key, places in at.items()},
    )


def _contacts(own: str, keys: frozenset[EntityKey], rare: Rarity, hubs: frozenset[EntityKey]) -> frozenset[str]:
    """Give the other hosts that a fold ties its own to."""
    hosts = (key for key in keys if key[0] == "host" and key[1] != own)
    return frozenset(key[1] for key in hosts if rare.share >= CONTACT_SHARE or key not in hubs)


def shared(tied: Ties, one: int, other: int, *, same_place: bool) -> frozenset[EntityKey]:
    """Give what ties two folds: at one place what is rare there, between places what is rare at one of them at least."""
    if same_place:
        return tied.rare[one] & tied.rare[other]
    return tied.of[one] & tied.of[other] & (tied.rare[one] | tied.rare[other])


def _resolved(key: EntityKey, time: int | None, host_of: HostOf, hosts: frozenset[str]) -> EntityKey:
    """Name a host rather than the address that it held or its name in the DNS, and a URL without its scheme."""
    kind, value = key
    if kind == "url":
        return kind, value.partition("://")[2].rstrip("/") or value
    if kind == "address" and (holder := host_of(value, time)):
        return "host", holder
    return ("host", short) if kind == "domain" and (short := value.partition(".")[0]) in hosts else key


def _named(fold: Folded) -> set[EntityKey]:
    """Give the entities of a fold with its own host and user among them, and the user whom a mailbox is named after."""
    owners = {("user", value.partition("@")[0]) for kind, value in fold.entities if kind == "mailbox"}
    return {*fold.entities, *owners, *({("user", fold.user)} if fold.user else ()), *({("host", fold.host)} if fold.host else ())}


def _stock(folds: Sequence[Folded]) -> frozenset[EntityKey]:
    """Give the hashes of ordinary programs: those that some fold names with files from common places and no other."""
    found: set[EntityKey] = set()
    for fold in folds:
        files = [(kind, value) for kind, value in fold.entities if kind in ("file", "process")]
        if files and not any(map(_telling, files)):
            found.update(key for key in fold.entities if key[0] == "hash")
    return frozenset(found)


def _telling(key: EntityKey) -> bool:
    """Say whether an entity could tie anything together at all."""
    kind, value = key
    match kind:
        case "user" | "account" | "mailbox":
            return value.lower() not in COMMON_USERS and not value.endswith("$")
        case "address":
            return _routable(value)
        case "process" | "file":
            return ("/" in value or "\\" in value) and not value.lower().startswith(COMMON_FOLDERS)
        case _:
            return kind in TIE_KINDS and value not in ("", "-")


def _routable(value: str) -> bool:
    """Say whether an address names one machine rather than a group, this host or nothing."""
    try:
        address = ip_address(value)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_multicast or address.is_unspecified or address.is_link_local or value.endswith(".255"))
