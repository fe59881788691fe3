"""Isolating a Windows host: rules of its own firewall for each job block everybody but the responders, and a task ends it.

Other rules stay as they are. The task is the host's own: isolation ends by itself, whoever else is dead by then.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network

from watchkeeper.model.means import Job
from watchkeeper.model.proposal import Done, Seen
from watchkeeper.response.connectors.nftables import remaining
from watchkeeper.response.connectors.site import Site, Way
from watchkeeper.response.connectors.windows.blocking import holes, rules
from watchkeeper.response.connectors.windows.firewall import END, ISOLATE, LOOK, RELEASE, Nothing, State
from watchkeeper.response.connectors.windows.powershell import arguments, asked, script_of
from watchkeeper.response.connectors.windows.ranges import Network


def _isolate(site: Site, job: Job) -> Done:
    left, group = remaining(job), _group(job)
    state = _look(site, job)
    if faults := list(_unfit(state)):
        raise ValueError(f"{site.host!r} is not isolated, since {'; '.join(faults)}: its own firewall has to do it")
    ours = _ours(state)
    if not (site.responders or ours):
        raise ValueError(f"nobody would reach {site.host!r} any more: name `responders`")
    open_ = tuple(dict.fromkeys((*site.responders, *ours)))
    told = {"group": group, "rules": list(rules(group, open_, _near(state))), "ending": "", "boundary": ""}
    if left is not None:
        told |= _ending(group, state.seconds + left)
    asked(site, ISOLATE, told, Nothing)
    said = f"{site.host} is cut off the network by its own firewall, all but {', '.join(map(str, open_))}"
    return Done(said=said, reference=" ".join((group, *map(str, ours))))


def _release(site: Site, job: Job) -> Done:
    asked(site, RELEASE, {"group": _group(job)}, Nothing)
    return Done(said=f"{site.host} is back on the network as far as this action goes", reference=_group(job))


def _check(site: Site, job: Job) -> Seen:
    state = _look(site, job)
    # The way we came when it was isolated was left open, and stands in the reference: it may be another one today.
    open_ = (*site.responders, *_ours(state), *map(ip_network, job.reference.split()[2:]))
    faults = [*_unfit(state), *holes(state.rules, open_)]
    if job.expires is not None and not state.ends:
        faults.append("the task that ends it is not there")
    found = f"is not in force: {'; '.join(faults)}" if faults else f"blocks all but {', '.join(dict.fromkeys(map(str, open_)))}"
    said = f"on {site.host}, what this action has in Windows' firewall {found}"
    return Seen(where="target", outcome="not-in-force" if faults else "in-force", time=datetime.now(UTC), said=said[:2_000])


def _group(job: Job) -> str:
    return f"Watchkeeper {job.key}"


def _look(site: Site, job: Job) -> State:
    return asked(site, LOOK, {"group": _group(job)}, State)


def _unfit(state: State) -> Iterator[str]:
    """Say why rules that are made on the host block nothing."""
    if not state.runs:
        yield "the firewall's service does not run"
    if state.off:
        yield f"the firewall is off in {', '.join(state.off)}"
    if state.deaf:
        yield f"a policy has it ignore the host's own rules in {', '.join(state.deaf)}"


def _ours(state: State) -> tuple[Network, ...]:
    return tuple(_single(one) for one in state.came.split()[:1])


def _near(state: State) -> tuple[Network, ...]:
    """Give where leases come from, by the host's word. If it lies, leases get through there, and what is neither TCP nor UDP nor a ping."""
    return tuple(_single(one) for one in state.near)


def _single(text: str) -> Network:
    address = ip_address(text.partition("%")[0])
    return ip_network(getattr(address, "ipv4_mapped", None) or address)


def _ending(group: str, ends: int) -> Mapping[str, str]:
    """Give what the task runs and from when, by the host's clock."""
    script = script_of(END, {"group": group, "ends": ends})
    return {"ending": " ".join(arguments(script)), "boundary": datetime.fromtimestamp(ends, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}


ISOLATION = Way(_isolate, _release, _check)
