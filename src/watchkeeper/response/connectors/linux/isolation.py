"""Isolating a Linux host: a table of its own in nftables for each job, by which all but the responders' addresses is dropped.

The drop holds as long as an element stands in a set, and the kernel takes the element out when its time is over: isolation ends by itself,
whoever else is dead by then. A restart of the host ends it too, which the check finds out.
"""

import json
from datetime import UTC, datetime
from ipaddress import ip_network
from typing import Any, cast

from watchkeeper.model.means import Job
from watchkeeper.model.proposal import Done, Seen
from watchkeeper.response.connectors.commands import obeyed
from watchkeeper.response.connectors.nftables import listed, remaining
from watchkeeper.response.connectors.site import Site, Way

_HOOKS = ("input", "output", "forward")
_PROTOCOLS = {"ipv4", "ipv6"}


def _isolate(site: Site, job: Job) -> Done:
    responders = _responders(site)
    obeyed(site.machine, ("nft", "-f", "-"), _ruleset(_table(job), responders, remaining(job)).encode("ascii"))
    said = f"{site.host} is cut off the network by its own nftables, all but {', '.join(responders)}"
    return Done(said=said, reference=f"inet {_table(job)}")


def _release(site: Site, job: Job) -> Done:
    # Added first: deleting what is not there is an error to nft.
    obeyed(site.machine, ("nft", "-f", "-"), f"add table inet {_table(job)}\ndelete table inet {_table(job)}\n".encode("ascii"))
    return Done(said=f"{site.host} is back on the network as far as this action goes", reference=f"inet {_table(job)}")


def _check(site: Site, job: Job) -> Seen:
    held, dropping = _read(listed(site.machine, _table(job)))
    whole = held == _PROTOCOLS and dropping == set(_HOOKS)
    what, where = ", ".join(sorted(held)) or "nothing", ", ".join(sorted(dropping)) or "no chain"
    said = f"on {site.host}, nftables drops {what} in {where} for this action"
    return Seen(where="target", outcome="in-force" if whole else "not-in-force", time=datetime.now(UTC), said=said)


def _table(job: Job) -> str:
    return f"watchkeeper_isolated_{job.key}"


def _responders(site: Site) -> tuple[str, ...]:
    """Give who still gets through: those configured, and where we come from by the host's own account."""
    came = obeyed(site.machine, ("sh", "-c", 'printf "%s" "${SSH_CONNECTION-}"'), rights=False).decode("ascii", "replace").split()
    ours = (ip_network(came[0].partition("%")[0]),) if came else ()
    if not (site.responders or ours):
        raise ValueError(f"nobody would reach {site.host!r} any more: name `responders`")
    return tuple(dict.fromkeys(map(str, (*site.responders, *ours))))


def _ruleset(table: str, responders: tuple[str, ...], seconds: int | None) -> str:
    """Give the table as nft reads it; the first two lines make it anew if it is there, in the same transaction."""
    timeout = "" if seconds is None else f" timeout {seconds}s"
    return "\n".join((
        f"add table inet {table}",
        f"delete table inet {table}",
        f"table inet {table} {{",
        f"set isolated {{ type nf_proto; flags timeout; elements = {{ ipv4{timeout}, ipv6{timeout} }} }}",
        *_chain("input", "saddr", 'iif "lo" accept', "udp sport 67 udp dport 68 accept", responders),
        *_chain("output", "daddr", 'oif "lo" accept', "udp sport 68 udp dport 67 accept", responders),
        *_chain("forward", "", "", "", ()),
        "}\n",
    ))  # fmt: skip


def _chain(hook: str, field: str, local: str, lease: str, responders: tuple[str, ...]) -> tuple[str, ...]:
    """Give one chain; neighbours are still found and leases renewed, or the responders would lose the way."""
    neighbours = (
        "ip6 hoplimit 255 icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } accept"
        if field
        else ""
    )
    allowed = (f"{'ip6' if ':' in one else 'ip'} {field} {one} accept" for one in responders)
    lines = (f"chain {hook} {{", f"type filter hook {hook} priority -5; policy accept;", local, *allowed, neighbours, lease)
    return (*filter(None, lines), "meta nfproto @isolated drop", "}")


def _read(listing: bytes) -> tuple[set[str], set[str]]:
    """Give which protocols stand in the set still, and in which chains they are dropped."""
    told: Any = json.loads(listing or b'{"nftables": []}')
    held: set[str] = set()
    dropping: set[str] = set()
    for entry in cast("list[dict[str, Any]]", told["nftables"]):
        for one in entry.get("set", {}).get("elem", ()):
            held.add(str(cast("dict[str, Any]", one)["elem"]["val"]) if isinstance(one, dict) else str(one))
        match entry.get("rule", {}):
            case {"chain": str(chain), "expr": [{"match": {"right": "@isolated"}}, {"drop": None}]}:
                dropping.add(chain)
            case _:
                pass
    return held, dropping


ISOLATION = Way(_isolate, _release, _check)
