"""The sets of blocked addresses in nftables: what stands in them for which job, and the commands that add and remove. Runs nothing.

An element of a set can stand in it once, with one comment and one timeout; so two jobs that block the same address need two sets. There are
up to eight layers of sets, each with its rules; a job goes into the first layer where none of its elements stands for another job, and
every element's comment is the key of its job. So a packet costs as many look-ups as there are layers, mostly one, however many jobs there
are, and what one job takes back is never what another still needs.

Addresses stand in sets with hashes, networks in sets of intervals: nft takes minutes to delete thousands of elements from the latter.
"""

import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_address, ip_network, summarize_address_range
from typing import Any, cast

from watchkeeper.model.entity import Entity

Network = IPv4Network | IPv6Network
Command = dict[str, Any]
"""One command in nft's JSON."""
TABLE = "watchkeeper"
LAYERS = 8
_IN = {"family": "inet", "table": TABLE}
_HOOKS = {"input": ("saddr",), "output": ("daddr",), "forward": ("saddr", "daddr")}
_PRIORITY = -10
_WIDEST = {4: 16, 6: 32}
_SETS = tuple((sort, family) for sort in ("addresses", "networks") for family in (4, 6))
_FEW = 200
"""So many intervals are deleted one by one, which takes time in proportion to all that stand there; else the others are written anew."""
Rule = tuple[str, str, str]
"""Chain, which address, and the set that it is looked up in."""


@dataclass(frozen=True, slots=True)
class Element:
    """One entry of a set."""

    job: str
    """Key of its job; empty if somebody added it by hand."""
    left: int | None
    """Seconds until it ends; none if it lasts."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a listing of our table shows."""

    elements: Mapping[str, Mapping[Network, Element]]
    """What stands in each set."""
    rules: frozenset[Rule]
    """The rules that drop."""

    def of(self, job: str) -> dict[str, set[Network]]:
        """Give what stands for a job, by set."""
        found = {name: {network for network, one in held.items() if one.job == job} for name, held in self.elements.items()}
        return {name: networks for name, networks in found.items() if networks}


def networks(targets: Iterable[Entity]) -> tuple[Network, ...]:
    """Give addresses and networks in their canonical form and order, without those that another of them holds.

    Raises:
        ValueError: one is neither, or is a network too wide to be blocked by a machine.
    """
    found = {_network(target.value) for target in targets}
    fours = _apart([one for one in found if isinstance(one, IPv4Network)])
    sixes = _apart([one for one in found if isinstance(one, IPv6Network)])
    return (*fours, *sixes)


def _apart(found: list[Any]) -> list[Any]:
    wide = tuple(collapse_addresses(one for one in found if not _alone(one)))
    return sorted([*wide, *(one for one in found if _alone(one) and touching(wide, one) is None)])


def _network(value: str) -> Network:
    try:
        network = ip_network(value)
    except ValueError as error:
        raise ValueError(f"{value[:80]!r} is no address and no network; write one such as '203.0.113.9' or '203.0.113.0/24'") from error
    if isinstance(network, IPv6Network) and (mapped := network.network_address.ipv4_mapped) and network.prefixlen >= 96:
        network = IPv4Network((mapped, network.prefixlen - 96))
    if "%" in value or network.prefixlen < _WIDEST[network.version]:
        raise ValueError(f"{value[:80]!r} is not blocked: nothing wider than a /{_WIDEST[network.version]} is, and no address of one link")
    return network


def read(listing: bytes) -> Standing:
    """Read what `nft -j list table` said; nothing stands where it said nothing."""
    told: Any = json.loads(listing or b'{"nftables": []}')
    elements: dict[str, dict[Network, Element]] = {}
    rules: set[Rule] = set()
    for entry in cast("list[dict[str, Any]]", told["nftables"]):
        if found := entry.get("set"):
            elements[found["name"]] = dict(_elements(found.get("elem", ())))
        if found := entry.get("rule"):
            rules.update(_rule(found))
    return Standing(elements, frozenset(rules))


def _elements(listed: Iterable[Any]) -> Iterator[tuple[Network, Element]]:
    for one in listed:
        # Bare as text, as {"prefix": …}, or with what belongs to it as {"elem": {"val": …, "comment": …}}.
        told: dict[str, Any] = cast("dict[str, Any]", one).get("elem", {"val": one}) if isinstance(one, dict) else {"val": one}
        for network in _spoken(told["val"]):
            yield network, Element(str(told.get("comment", "")), told.get("expires", told.get("timeout")))


def _spoken(value: Any) -> Iterator[Network]:
    if isinstance(value, str):
        yield ip_network(value)
    elif "prefix" in value:
        yield ip_network(f"{value['prefix']['addr']}/{value['prefix']['len']}")
    elif "range" in value:
        first, last = map(ip_address, value["range"])
        yield from summarize_address_range(first, last)  # pyright: ignore[reportArgumentType, reportCallIssue] -- nft never mixes families


def _rule(found: dict[str, Any]) -> Iterator[Rule]:
    match found["expr"]:
        case [{"match": {"op": "==", "left": {"payload": {"field": field}}, "right": str(right)}}, {"drop": None}]:
            yield found["chain"], str(field), right.removeprefix("@")
        case _:
            return


def adding(standing: Standing, wanted: tuple[Network, ...], job: str, seconds: int | None) -> list[Command]:
    """Give the commands that block these for a job, all or nothing; none if they all stand for it and the rules are there.

    Raises:
        ValueError: other jobs hold some of them in every layer.
    """
    held = {network for found in standing.of(job).values() for network in found}
    missing = [network for network in wanted if network not in held]
    layer = _free_layer(standing, missing, job)
    rules = _rules(max(layer, *(_layer(name) for name in standing.elements), 1))
    commands = [] if rules <= standing.rules else _frame(rules)
    for sort, family in _SETS:
        chosen = [_element(one, Element(job, seconds)) for one in missing if _sort(one) == (sort, family)]
        if chosen:
            commands.append(_change("add", f"{sort}{family}_{layer}", chosen))
    return commands


def removing(standing: Standing, job: str) -> list[Command]:
    """Give the commands that take back what stands for a job, and nothing else."""
    commands: list[Command] = []
    for name, found in standing.of(job).items():
        if name.startswith("addresses") or len(found) <= _FEW:
            commands.append(_change("delete", name, [_value(network) for network in found]))
            continue
        kept = [_element(network, one) for network, one in standing.elements[name].items() if one.job != job]
        commands.append({"flush": {"set": {**_IN, "name": name}}})
        commands += [_change("add", name, kept)] if kept else []
    return commands


def missing_of(standing: Standing, wanted: tuple[Network, ...], job: str) -> int:
    """Count those that do not stand for the job in a set which the rules drop by."""
    effective = {
        network
        for name, held in standing.of(job).items()
        if {(chain, field, name) for chain, fields in _HOOKS.items() for field in fields} <= standing.rules
        for network in held
    }
    return len(set(wanted) - effective)


def touching(wanted: tuple[Network, ...], spared: Network) -> Network | None:
    """Give one of these, which are apart and in order, that overlaps another network; none if none does."""
    alike = [network for network in wanted if network.version == spared.version] if _mixed(wanted) else wanted
    place = bisect_right(alike, int(spared.broadcast_address), key=_first)
    return alike[place - 1] if place and alike[place - 1].version == spared.version and _last(alike[place - 1]) >= _first(spared) else None


def _mixed(wanted: tuple[Network, ...]) -> bool:
    return bool(wanted) and wanted[0].version != wanted[-1].version


def _free_layer(standing: Standing, wanted: list[Network], job: str) -> int:
    """Give the first layer in which nothing of another job stands in the way of what is wanted."""
    for layer in range(1, LAYERS + 1):
        others = {
            kind: {network for network, one in standing.elements.get(f"{kind[0]}{kind[1]}_{layer}", {}).items() if one.job != job}
            for kind in _SETS
        }
        ordered = {kind: tuple(sorted(found, key=_first)) for kind, found in others.items() if kind[0] == "networks"}
        if not any(one in others[_sort(one)] or touching(ordered.get(_sort(one), ()), one) for one in wanted):
            return layer
    raise ValueError(f"{LAYERS} other jobs block some of these addresses already; wait until one of them ends, or undo it")


def _first(network: Network) -> int:
    return int(network.network_address)


def _last(network: Network) -> int:
    return int(network.broadcast_address)


def _alone(network: Network) -> bool:
    return network.prefixlen == network.max_prefixlen


def _sort(network: Network) -> tuple[str, int]:
    return ("addresses" if _alone(network) else "networks"), network.version


def _layer(name: str) -> int:
    number = name.rpartition("_")[2]
    return int(number) if name.startswith(("addresses", "networks")) and number.isdecimal() else 0


def _rules(layers: int) -> frozenset[Rule]:
    names = [f"{sort}{family}_{layer}" for layer in range(1, layers + 1) for sort, family in _SETS]
    return frozenset((chain, field, name) for name in names for chain, fields in _HOOKS.items() for field in fields)


def _frame(rules: frozenset[Rule]) -> list[Command]:
    """Give the commands for the table with its sets, chains and rules, anew where something of it is missing; elements stay."""
    commands: list[Command] = [{"add": {"table": {"family": "inet", "name": TABLE}}}]
    for name in sorted({name for _, _, name in rules}):
        flags = ["timeout", "interval"] if name.startswith("networks") else ["timeout"]
        commands.append({"add": {"set": {**_IN, "name": name, "type": f"ipv{_family(name)}_addr", "flags": flags}}})
    for chain in _HOOKS:
        hook = {"type": "filter", "hook": chain, "prio": _PRIORITY, "policy": "accept"}
        commands += [{"add": {"chain": {**_IN, "name": chain, **hook}}}, {"flush": {"chain": {**_IN, "name": chain}}}]
    for chain, field, name in sorted(rules):
        looked = {"payload": {"protocol": "ip" if _family(name) == "4" else "ip6", "field": field}}
        match = {"match": {"op": "==", "left": looked, "right": f"@{name}"}}
        commands.append({"add": {"rule": {**_IN, "chain": chain, "expr": [match, {"drop": None}]}}})
    return commands


def _family(name: str) -> str:
    return name.partition("_")[0][-1]


def _change(verb: str, name: str, elements: list[Any]) -> Command:
    return {verb: {"element": {**_IN, "name": name, "elem": elements}}}


def _element(network: Network, one: Element) -> Command:
    told: Command = {"val": _value(network)}
    comment = {"comment": one.job} if one.job else {}
    timeout = {} if one.left is None else {"timeout": max(1, one.left)}
    return {"elem": told | comment | timeout}


def _value(network: Network) -> object:
    address = str(network.network_address)
    return address if _alone(network) else {"prefix": {"addr": address, "len": network.prefixlen}}
