"""nftables, on this machine or over SSH: addresses blocked in a table of our own, `inet watchkeeper`. Never touches another table.

A block has a timeout in the kernel: it ends by itself even if nobody is there to take it back. Source: nft(8), libnftables-json(5).
"""

import json
from datetime import UTC, datetime
from functools import partial
from ipaddress import ip_network
from math import ceil
from typing import Any, Literal, cast

from pydantic import IPvAnyNetwork

from watchkeeper.model.means import Job, Means
from watchkeeper.model.proposal import Done, Seen
from watchkeeper.response.connectors.blocked_sets import (
    TABLE,
    Command,
    Network,
    Standing,
    adding,
    missing_of,
    networks,
    read,
    removing,
    touching,
)
from watchkeeper.response.connectors.commands import Machine, obeyed
from watchkeeper.response.connectors.place import Place
from watchkeeper.settings.references import Reveal

MOST_LISTED = 256 << 20
"""Bytes of a listing: a hundred thousand addresses, as JSON, for as many jobs as there are layers."""
_NEVER = ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "255.255.255.255/32", "::/127", "fe80::/10", "ff00::/8")
"""This network, loopback, one link alone, groups, everybody."""
_OWN = (
    'ip -j address show; printf "\\0"; ip -j -4 route show default; printf "\\0"; ip -j -6 route show default; '
    'printf "\\0%s" "${SSH_CONNECTION-}"'
)


class NftablesPlace(Place):
    """A Linux machine that traffic goes to or through."""

    by: Literal["nftables"]
    """nftables 1.0 or later."""
    at: Machine = Machine()
    """Where it is; rights: `nft`."""
    never: tuple[IPvAnyNetwork, ...] = ()
    """Networks that are never blocked, beside the machine's own addresses, its gateways, and the way that we come."""

    def means(self, action: str, reveal: Reveal) -> Means:
        """Give how addresses are blocked there; no secret is needed, since SSH reads its key itself."""
        del reveal
        if action != "block_address":
            raise ValueError(f"{self.name!r} is nftables, which has 'block_address' alone, not {action!r}")
        return Means(self.name, action, partial(_block, self), partial(_unblock, self), partial(_check, self))


def _block(place: NftablesPlace, job: Job) -> Done:
    wanted = networks(job.targets)
    _spared(place, wanted)
    commands = adding(_standing(place.at), wanted, job.key, remaining(job))
    if commands:
        told(place.at, commands)
    said = f"{_spoken(wanted)} dropped by nftables on {place.at.spoken}{'' if commands else ', as before'}"
    return Done(said=said, reference=f"inet {TABLE}")


def _unblock(place: NftablesPlace, job: Job) -> Done:
    count = 0
    for again in (True, True, False):
        standing = _standing(place.at)
        commands, count = removing(standing, job.key), sum(map(len, standing.of(job.key).values()))
        try:
            if commands:
                told(place.at, commands)
            break
        except ValueError:
            if not again:  # what ends by itself between our look and our command makes nft refuse all of it
                raise
    return Done(said=f"{count:,} entries of this action taken out of nftables on {place.at.spoken}", reference=f"inet {TABLE}")


def _check(place: NftablesPlace, job: Job) -> Seen:
    wanted = networks(job.targets)
    missing = missing_of(_standing(place.at), wanted, job.key)
    said = f"{len(wanted) - missing:,} of {len(wanted):,} entries of this action are dropped by nftables on {place.at.spoken}"
    return Seen(where="target", outcome="not-in-force" if missing else "in-force", time=datetime.now(UTC), said=said)


def remaining(job: Job) -> int | None:
    """Give how many seconds a job has left; none if it lasts.

    Raises:
        ValueError: its time is over.
    """
    if job.expires is None:
        return None
    left = ceil((job.expires - datetime.now(UTC)).total_seconds())
    if left < 1:
        raise ValueError(f"the time of this action was over at {job.expires.isoformat()}; ask for it again")
    return left


def told(machine: Machine, commands: list[Command]) -> None:
    """Hand commands to nft as one transaction: all of them, or none."""
    obeyed(machine, ("nft", "-j", "-f", "-"), json.dumps({"nftables": commands}, separators=(",", ":")).encode("ascii"))


def listed(machine: Machine, table: str) -> bytes:
    """Give nft's listing of a table of ours; empty if it is not there."""
    answer: Any = json.loads(obeyed(machine, ("nft", "-j", "list", "tables", "inet")))
    names = {entry["table"]["name"] for entry in cast("list[dict[str, Any]]", answer["nftables"]) if "table" in entry}
    return obeyed(machine, ("nft", "-j", "list", "table", "inet", table), most_bytes=MOST_LISTED) if table in names else b""


def _standing(machine: Machine) -> Standing:
    return read(listed(machine, TABLE))


def _spoken(wanted: tuple[Network, ...]) -> str:
    return f"traffic with {wanted[0] if len(wanted) == 1 else f'{len(wanted):,} addresses and networks'} is"


def _spared(place: NftablesPlace, wanted: tuple[Network, ...]) -> None:
    """Refuse what would cut the machine, or us, off."""
    spared = [(ip_network(one), "no address of somebody else") for one in _NEVER]
    spared += [(one, "in `never` of this place") for one in place.never]
    spared += own(place.at)
    for network, why in spared:
        if hit := touching(wanted, network):
            raise ValueError(f"{place.name!r} does not block {str(hit)!r}: {network} is {why}; nothing was blocked")


def own(machine: Machine) -> list[tuple[Network, str]]:
    """Give the machine's own addresses, its gateways, and where we come from, each with what it is."""
    links, *routes, ssh = obeyed(machine, ("sh", "-c", _OWN), rights=False).split(b"\0")
    found = [(entry["local"], "its own address") for link in _json(links) for entry in link.get("addr_info", ()) if "local" in entry]
    found += [(address, "its gateway") for part in routes for route in _json(part) for address in _gateways(route)]
    found += [(address, "the way that we reach it by") for address in ssh.decode().split()[:1]]
    return [(ip_network(address.partition("%")[0]), why) for address, why in found]


def _json(text: bytes) -> list[dict[str, Any]]:
    # An `ip` that has nothing to say says `[{}]`, `[ ]` or nothing, as its version is.
    return json.loads(text.strip() or b"[]")


def _gateways(route: dict[str, Any]) -> list[str]:
    hops: list[dict[str, Any]] = [route, *route.get("nexthops", ())]
    return [address for hop in hops for address in (hop.get("gateway"), hop.get("via", {}).get("host")) if address]
