"""What a proposal touches: the assets behind its targets, their groups, how many feel it, how much. Believes no proposal's figures."""

import ipaddress
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from watchkeeper.brain.ethics.policy import Group, Policy
from watchkeeper.model.asset import Asset
from watchkeeper.model.entity import Entity, EntityKind
from watchkeeper.model.proposal import Proposal

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
AssetOf = Callable[[Entity], Asset | None]
_OUTSIDE: frozenset[EntityKind] = frozenset({"address", "domain", "url", "hash", "fingerprint"})
"""Kinds of which most are nobody's in the organisation; what is of another kind is its own, known or not."""
_ANY_CASE: frozenset[EntityKind] = frozenset({"address", "domain", "hash", "host", "user", "account", "mailbox", "fingerprint"})
_ON_A_HOST: frozenset[EntityKind] = frozenset({"process", "file", "registry", "service", "task"})
_NAMED: tuple[tuple[str, EntityKind], ...] = (("host", "host"), ("user", "user"), ("account", "user"), ("address", "address"))
"""Arguments that name something else that is acted on, and what they name."""
LIST = "verified_list"
"""Argument that names the list of indicators on which the targets stand."""
_INSIDE = tuple(
    map(
        ipaddress.ip_network,
        ("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.168.0.0/16",
         "224.0.0.0/3", "::/96", "::ffff:0:0/96", "64:ff9b::/96", "fc00::/7", "fe80::/10", "ff00::/8"),
    )
)  # fmt: skip
"""Addresses that nobody outside has: private, local, shared and multicast ones, and those that stand for an IPv4 address."""
_WHOLE_NET = 1 << 20
"""A network with more addresses than this counts as everything."""
_MOST_READ = 1 << 17
"""Addresses that are not read again each time they are asked about: more than one proposal can have."""


@dataclass(frozen=True, slots=True)
class Touched:
    """One thing that an action acts on."""

    entity: Entity
    asset: Asset | None
    """What is known of it; none for what is not the organisation's own."""
    group: Group
    """The group that decides about it."""
    names: frozenset[str]
    """What it may be called: as it is written, without its domain, and as the asset that it is."""


def touched(proposal: Proposal, policy: Policy, asset_of: AssetOf) -> tuple[Touched, ...]:
    """Give everything that a proposal acts on: its targets, the hosts they are on, and what its arguments name."""
    seen = dict.fromkeys(entity for target in proposal.targets for entity in _behind(target))
    for name, kind in _NAMED:
        if value := proposal.arguments.get(name, "").strip():
            seen.setdefault(Entity(kind=kind, value=value))
    return tuple(_touched(entity, policy, _asset(entity, asset_of)) for entity in seen)


def radius(proposal: Proposal, things: tuple[Touched, ...]) -> int | None:
    """Give how many feel it: what the proposal says, and no less than the organisation's own things in it; none is unknown."""
    if proposal.blast_radius is None or proposal.blast_radius < 0 or any(thing.group.felt_by_all for thing in things):
        return None
    if any(_width(thing.entity) != 1 for thing in things):
        return None
    own = {thing.asset.name if thing.asset else thing.entity.value for thing in things if not is_outside(thing)}
    return max(proposal.blast_radius, len(own))


def objects(proposal: Proposal) -> int:
    """Give how many objects it acts on; a network counts with all its addresses."""
    return sum(_width(target) or _WHOLE_NET for target in proposal.targets)


def plain(entity: Entity) -> Entity:
    """Give the one way to write something, so that another spelling of it is no other thing."""
    value = entity.value.strip()
    if entity.kind == "address":
        read = _read(value)
        value = read.plain if read else value
    if entity.kind in _ANY_CASE:
        value = value.lower().rstrip(".")
    return entity if value == entity.value else Entity(kind=entity.kind, value=value)


def meet(some: Iterable[Entity], others: Iterable[Entity]) -> bool:
    """Say whether some things and others have any in common; networks have what lies in both."""
    mine, theirs = frozenset[Entity](map(plain, some)), frozenset[Entity](map(plain, others))
    if mine & theirs:
        return True
    nets, addresses = _networks(mine), _networks(theirs)
    wide = [(one, addresses) for one in nets if one.num_addresses > 1] + [(one, nets) for one in addresses if one.num_addresses > 1]
    return any(one.version == other.version and one.overlaps(other) for one, many in wide for other in many)


def is_outside(thing: Touched) -> bool:
    """Say whether something is not the organisation's own."""
    return thing.asset is None and _may_be_outside(thing.entity)


def is_same_but_targets(one: Proposal, other: Proposal) -> bool:
    """Say whether two proposals ask for the same, whatever they act on and wherever the targets are listed."""
    said, also = ({name: value for name, value in proposal.arguments.items() if name != LIST} for proposal in (one, other))
    return one.action == other.action and said == also


def network_of(value: str) -> Network | None:
    """Read an address or a network; none if it is neither."""
    try:
        return ipaddress.ip_network(value.strip(), strict=False)
    except ValueError:
        return None


def is_nowhere(address: str) -> bool:
    """Say whether nothing can be blocked there: it is no address, or a loopback, multicast, unspecified or link-local one."""
    read = _read(address)
    return read is None or read.nowhere


class _Read(NamedTuple):
    """What is asked of an address or a network, small enough to be kept for a whole list of them."""

    plain: str
    size: int
    """How many addresses it has."""
    outside: bool
    """Whether nobody inside can have it."""
    nowhere: bool


@lru_cache(maxsize=_MOST_READ)
def _read(value: str) -> _Read | None:
    network = network_of(value)
    if network is None:
        return None
    plain = str(network.network_address if network.num_addresses == 1 else network)
    outside = not any(network.version == inside.version and network.overlaps(inside) for inside in _INSIDE)
    nowhere = network.is_loopback or network.is_multicast or network.is_unspecified or network.is_link_local
    return _Read(plain, network.num_addresses, outside, nowhere)


def _behind(target: Entity) -> Iterator[Entity]:
    yield target
    host, colon, _ = target.value.partition(":")
    if target.kind in _ON_A_HOST and colon and host:
        yield Entity(kind="host", value=host.strip().lower())
    if target.kind == "url" and (name := _host_of(target.value)):
        yield Entity(kind="address" if network_of(name) else "domain", value=name)


def _touched(entity: Entity, policy: Policy, asset: Asset | None) -> Touched:
    names = _names(entity, asset)
    return Touched(entity, asset, next(group for group in policy.groups if _belongs(group, entity, asset, names)), names)


def _belongs(group: Group, entity: Entity, asset: Asset | None, names: frozenset[str]) -> bool:
    if group.rest or names.intersection(group.names):
        return True
    if asset is None:
        return group.outside and _may_be_outside(entity)
    critical = group.criticality is not None and asset.criticality >= group.criticality
    return critical or (group.protected and asset.protected) or asset.role in group.roles or entity.kind in group.kinds


def _names(entity: Entity, asset: Asset | None) -> frozenset[str]:
    value = plain(entity).value.lower()
    short = value.partition(".")[0] if entity.kind == "host" else value.rpartition("\\")[2].partition("@")[0]
    known = (asset.name, *asset.names) if asset else ()
    return frozenset((value, short, *(name.strip().lower() for name in known)))


def _may_be_outside(entity: Entity) -> bool:
    if entity.kind != "address":
        return entity.kind in _OUTSIDE
    read = _read(entity.value)
    return read is not None and read.outside


def _width(entity: Entity) -> int | None:
    """Give how many of its kind something stands for; none if that is unknown."""
    if entity.kind == "address":
        read = _read(entity.value)
        return read.size if read is not None and read.size <= _WHOLE_NET else None
    return None if entity.kind == "domain" and _is_whole_suffix(entity.value) else 1


def _is_whole_suffix(domain: str) -> bool:
    """Say whether a name may be what many organisations' domains end in, such as `com` or `co.uk`."""
    labels = domain.strip().strip(".").split(".")
    return "*" in domain or len(labels) < 2 or (len(labels) == 2 and len(labels[0]) <= 3 and len(labels[1]) <= 2)


def _host_of(url: str) -> str:
    try:
        return urlsplit(url.strip()).hostname or ""
    except ValueError:
        return ""


def _asset(entity: Entity, asset_of: AssetOf) -> Asset | None:
    """Look something up as it is written, as it would be written plainly, and a host without its domain."""
    first = plain(entity)
    short = Entity(kind="host", value=first.value.partition(".")[0]) if entity.kind == "host" else first
    found = (asset_of(one) for one in dict.fromkeys((entity, first, short)))
    return next((asset for asset in found if asset is not None), None)


def _networks(entities: Iterable[Entity]) -> list[Network]:
    found = (network_of(entity.value) for entity in entities if entity.kind == "address")
    return [network for network in found if network is not None]
