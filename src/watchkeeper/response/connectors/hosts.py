"""Hosts over SSH: what is done on a host itself. Owns which host is reached where, and which system has which actions."""

import re
from collections.abc import Mapping
from functools import partial
from typing import Annotated, Literal, Self

from pydantic import Field, IPvAnyNetwork, model_validator

from watchkeeper.model.means import Job, Means
from watchkeeper.model.proposal import Done, Proposal, Seen
from watchkeeper.response.connectors import linux, windows
from watchkeeper.response.connectors.commands import Machine
from watchkeeper.response.connectors.place import Place
from watchkeeper.response.connectors.site import Site, Way, host_of
from watchkeeper.response.connectors.windows.files import whole
from watchkeeper.settings.references import Reveal

_WAYS: Mapping[str, Mapping[str, Way]] = {"linux": linux.WAYS, "windows": windows.WAYS}
_QUARANTINE = {"linux": "/var/lib/watchkeeper-quarantine", "windows": r"C:\ProgramData\WatchkeeperQuarantine"}
_ABSOLUTE = r"^(/[^\x00-\x1f]*)?$"


class HostsPlace(Place):
    """Hosts of one kind that one login reaches."""

    by: Literal["hosts"]
    """Over SSH."""
    system: Literal["linux", "windows"]
    """What runs on them."""
    hosts: Annotated[dict[str, Annotated[str, Field(min_length=1)]], Field(min_length=1, max_length=10_000)]
    """Where each is reached: an address by the name that telemetry has for the host. No other host is reached."""
    at: Machine = Machine()
    """How they are reached; its `host` stays empty, since each has its own."""
    responders: tuple[IPvAnyNetwork, ...] = ()
    """Who still reaches an isolated host, beside the way that we come."""
    quarantine: Annotated[str, Field(max_length=1_000)] = ""
    """Folder on the host for files out of reach; empty: what is usual for the system."""
    evidence: Annotated[str, Field(pattern=_ABSOLUTE)] = ""
    """Folder here for snapshots; empty: `evidence/` beside `response.yml`."""

    @model_validator(mode="after")
    def _reached(self) -> Self:
        for host in self.hosts:
            self.machine(host)
        if self.system == "windows" and self.at.before:
            raise ValueError("Windows has no words that commands with rights begin with; leave out `before` and log in as an administrator")
        if self.quarantine and self.system == "windows":
            whole(self.quarantine)
        elif not re.match(_ABSOLUTE, self.quarantine):
            raise ValueError(f"`quarantine` is {self.quarantine[:120]!r}, which is no whole path on {self.system}")
        return self

    def machine(self, host: str) -> Machine:
        """Give how commands reach one of its hosts."""
        return Machine.model_validate({**self.at.model_dump(), "host": self.hosts[host]})

    def serves(self, proposal: Proposal) -> bool:
        """Say whether every target of a proposal is on a host that is reached."""
        named = {one.value if one.kind == "host" else one.value.partition(":")[0] for one in proposal.targets}
        return named <= self.hosts.keys()

    def means(self, action: str, reveal: Reveal) -> Means:
        """Give how something is done on these hosts; no secret is needed, since SSH reads its key itself."""
        del reveal
        ways = _WAYS[self.system]
        way = ways.get(action)
        if way is None:
            raise ValueError(f"{self.name!r} is hosts with {self.system}, which have {', '.join(map(repr, sorted(ways)))}, not {action!r}")
        return Means(
            self.name, action, partial(_do, self, way), partial(_undo, self, way) if way.undo else None, partial(_check, self, way)
        )


def _do(place: HostsPlace, way: Way, job: Job) -> Done:
    return way.do(_site(place, job), job)


def _undo(place: HostsPlace, way: Way, job: Job) -> Done:
    if way.undo is None:
        raise ValueError(f"{job.action!r} cannot be taken back")
    return way.undo(_site(place, job), job)


def _check(place: HostsPlace, way: Way, job: Job) -> Seen:
    return way.check(_site(place, job), job)


def _site(place: HostsPlace, job: Job) -> Site:
    host = host_of(job)
    if host not in place.hosts:
        raise ValueError(f"{place.name!r} does not reach {host[:80]!r}; name it under `hosts`")
    return Site(host, place.machine(host), place.responders, place.quarantine or _QUARANTINE[place.system], place.evidence)
