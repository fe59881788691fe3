"""Chain: the processes, sessions and addresses that the alerted ones lead to at first sight. Owns what is asked next, not the picture."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from watchkeeper.evidence.naming import number
from watchkeeper.tracing.alerted import Alerts, subject, weights
from watchkeeper.tracing.fact import Fact, Thing
from watchkeeper.tracing.families.pattern import Cast
from watchkeeper.tracing.hubs import is_hub, taken_over

_MOST = 200
_TALKS = frozenset({"connected", "accepted", "logged-on", "downloaded", "failed", "came-as", "sent"})
_ASKS = frozenset({"asked", "reached", "refused", "called"})
"""Traffic and requests that somebody else recorded: who was signalled on for them is looked for elsewhere, whom they reached is not."""


@dataclass(frozen=True, slots=True)
class Chain:
    """Names to ask the record for."""

    guids: tuple[str, ...]
    """Nearest to what was alerted first: how the processes of the chain are named in other events: GUIDs, or images where there is none."""
    pids: frozenset[tuple[str, int | None]]
    """Hosts and process ids of the chain."""
    programs: frozenset[str]
    """File names of programs, scripts and documents that the chain's processes came from."""
    unborn: frozenset[str]
    """GUIDs of processes whose start was not read yet."""
    sessions: frozenset[str]
    """Logon ids of the chain's sessions."""
    addresses: frozenset[str]
    """Addresses the chain talked to or came from."""
    own_addresses: frozenset[str]
    """Addresses of the chain's hosts."""
    identities: frozenset[str]
    """Identities in clouds and mail that alerts are about."""


def chain(facts: Iterable[Fact], alerted: Alerts, cast: Cast) -> Chain:
    """Follow starts from the alerted processes up to the first ordinary one and down to the last child, and note what these touch."""
    facts = tuple(facts)
    ordered = _processes(facts, alerted)
    core = set(ordered)
    touching = [fact for fact in facts if fact.source.key in core or fact.target.key in core or fact.event.id in alerted]
    things = {thing.key: thing for fact in touching for thing in (fact.source, fact.target)}
    members = [things[key] for key in ordered if key in things]
    hosts = {thing.host for thing in things.values()}
    return Chain(
        guids=tuple(dict.fromkeys(_name(things[key]) for key in ordered if key in things)),
        pids=frozenset((thing.host, number(thing.details.get("pid", ""))) for thing in members) - {("", None)},
        programs=frozenset(fact.source.label for fact in facts if fact.kind == "became" and fact.target.key in core),
        unborn=frozenset(_name(thing) for thing in members if _unborn(thing, cast)),
        sessions=frozenset(thing.details["logon"] for thing in things.values() if thing.kind == "logon" and thing.details.get("logon")),
        addresses=_addresses(touching, alerted),
        own_addresses=frozenset(cast.addresses.of(hosts)),
        identities=_identities(touching),
    )


def _unborn(process: Thing, cast: Cast) -> bool:
    return process.key not in cast.processes.creations and "{" in process.key and not is_hub(process)


def _addresses(touching: Iterable[Fact], alerted: Alerts) -> frozenset[str]:
    touching = tuple(touching)
    talking = [thing for fact in touching if fact.kind in _TALKS for thing in (fact.source, fact.target)]
    talking += [fact.source for fact in touching if fact.kind in _ASKS and fact.event.id in alerted]
    return frozenset(thing.label for thing in talking if thing.kind == "address")


def _identities(touching: Iterable[Fact]) -> frozenset[str]:
    cloud = [fact for fact in touching if fact.kind in {"called", "came-as", "sent", "delivered"}]
    return frozenset(thing.label for fact in cloud for thing in (fact.source, fact.target) if thing.kind == "user")


def _name(process: Thing) -> str:
    identity = process.key.split("|", 2)[2]
    return identity if identity.startswith("{") else process.details.get("image", process.label)


def _processes(facts: tuple[Fact, ...], alerted: Alerts) -> list[str]:
    """Give the keys of the alerted processes, heaviest first, then of those that led to them and of their children."""
    parents: dict[str, list[Thing]] = defaultdict(list)
    children: dict[str, list[Thing]] = defaultdict(list)
    for fact in facts:
        if fact.kind in {"started", "injected"}:
            parents[fact.target.key].append(fact.source)
            children[fact.source.key].append(fact.target)
    seeds = {subject(fact).key: subject(fact) for fact in facts if fact.event.id in alerted and subject(fact).kind == "process"}
    weighed = weights(facts, alerted)
    seeds = dict(sorted(seeds.items(), key=lambda item: (is_hub(item[1]), -weighed[item[0]])))
    core = dict(seeds)
    waiting = list(reversed(seeds.values()))
    while waiting and len(core) < _MOST:
        thing = waiting.pop()
        near = [parent for parent in parents[thing.key] if not is_hub(parent)]
        near += [] if is_hub(thing) else children[thing.key]
        fresh = {found.key: found for found in near if found.key not in core}
        core.update(fresh)
        waiting.extend(fresh.values())
    return list(dict.fromkeys((*taken_over(fact for fact in facts if fact.source.key in core), *core)))
