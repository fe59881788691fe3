"""Story: checked sentences in time order. Owns what is said of each edge; the wording stands in the lexicon, the check in `evidence`."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from watchkeeper.evidence import origin, refusal
from watchkeeper.evidence.checking import AT_LEAST
from watchkeeper.evidence.naming import ending, folder, number, shared_folder, tail
from watchkeeper.model.claim import Claim
from watchkeeper.model.event import Event
from watchkeeper.model.evidence import Evidence
from watchkeeper.model.note import Note
from watchkeeper.tracing.alerted import Alerts, latest
from watchkeeper.tracing.fact import Fact
from watchkeeper.tracing.picture import Group, Picture

MOST_CLAIMS = 40
_MOST_CITED = 200
_REPEATED = frozenset({
    "network.connected", "network.accepted", "process.opened", "process.injected", "logon.from", "logon.failed", "logon.failed.from",
    "flow.seen", "name.asked", "name.resolved", "share.file", "share.used", "ticket.asked", "cloud.did", "cloud.called", "alert.raised",
    "logon.as", "event.recorded", "signon.from", "signon.here", "signon.failed.from", "signon.failed", "signon.seen.from",
    "account.assumed",
    "web.requested", "web.requested.plain", "traffic.seen", "traffic.seen.plain", "traffic.refused", "traffic.refused.plain",
    "resource.used", "identity.changed", "mail.sent.plain", "finding.raised", "user.seen.from", "client.seen", "cloud.called.by",
})  # fmt: skip
"""Predicates that can be said of several events at once."""
_TOGETHER: Mapping[str, tuple[str, str]] = {
    "file.written": ("files.written", "file"),
    "file.streamed": ("files.written", "file"),
    "file.deleted": ("files.deleted", "file"),
    "registry.set": ("registry.entries", "key"),
    "registry.changed": ("registry.entries", "key"),
}
"""What is said of several things of one kind, and the role that holds each of them."""
_ENDING = ".ending"
_BY_ENDING = frozenset({"file.written", "file.deleted"})
_TWINS_WITHIN = 2.0
"""Seconds between two records of one process start in two logs."""
_CHILDREN = frozenset({"process.started", "process.started.plain"})
_STARTS = ("process.started", "process.ran")


def tell(picture: Picture, alerted: Alerts, events: Mapping[str, Event]) -> tuple[tuple[Claim, ...], tuple[Note, ...]]:
    """Give the telling claims that their events show, in time order, and why each of the others was refused."""
    told: list[tuple[float, Claim]] = []
    refused: list[Note] = []
    for price, claim in _claims(picture, alerted):
        why = refusal(claim, events)
        if why is None:
            told.append((price, claim))
        else:
            refused.append(why)
    unique = {
        (claim.predicate, tuple(sorted(claim.arguments.items())), claim.host): (price, claim)
        for price, claim in sorted(told, key=_price, reverse=True)
    }
    kept = sorted(_once(unique.values(), events), key=_price)[:MOST_CLAIMS]
    return tuple(sorted((claim for _, claim in kept), key=_when)), tuple(refused)


def _once(told: Iterable[tuple[float, Claim]], events: Mapping[str, Event]) -> Iterator[tuple[float, Claim]]:
    """Yield each claim, a process start that two logs record once: as Sysmon has it, whose record says more."""
    seen: dict[tuple[str, int | None, str], list[float]] = defaultdict(list)
    for price, claim in sorted(told, key=lambda item: not _is_of(events[item[1].evidence[0].event_id], "sysmon")):
        if claim.predicate.startswith(_STARTS) and "pid" in claim.arguments:
            start = claim.host, number(claim.arguments["pid"]), tail(claim.arguments["image"]).lower()
            if any(abs(_when(claim) - other) <= _TWINS_WITHIN for other in seen[start]):
                continue
            seen[start].append(_when(claim))
        yield price, claim


def _is_of(event: Event, log: str) -> bool:
    return origin(event.logsource).startswith(f"{log} ")


def _price(item: tuple[float, Claim]) -> float:
    return item[0]


def _when(claim: Claim) -> float:
    return claim.time.timestamp() if claim.time else float("inf")


def _claims(picture: Picture, alerted: Alerts) -> Iterator[tuple[float, Claim]]:
    """Yield each claim with how far it is from what was alerted."""
    for (source, target, _), facts in picture.pairs.items():
        signalled = [fact for fact in facts if fact.event.id in alerted]
        distance = max(picture.chosen[source].cost, picture.chosen[target].cost)
        weight = max((alerted[fact.event.id].weight for fact in signalled), default=0.0)
        for said in _same(signalled or facts):
            yield distance - min(weight, 5.0), _claim(said, alerted)
    for group in picture.groups:
        distance = picture.chosen[group.anchor].cost if group.anchor in picture.chosen else 0.0
        for claim in _of_group(group, alerted):
            yield distance + 2.0, claim


def _same(facts: Sequence[Fact]) -> Iterator[list[Fact]]:
    """Yield the facts of one edge that say the same; the first alone where repetition says nothing. Sysmon's say more than a twin's."""
    fuller = [fact for fact in facts if _is_of(fact.event, "sysmon")]
    alike: dict[tuple[str, str, tuple[tuple[str, str], ...]], list[Fact]] = defaultdict(list)
    for fact in fuller or facts:
        if fact.predicate:
            alike[fact.predicate, fact.event.host, tuple(sorted(fact.arguments.items()))].append(fact)
    said = sorted(alike.values(), key=len, reverse=True)
    if not said:
        return
    yield from (facts if facts[0].predicate in _REPEATED else facts[:1] for facts in said[: 1 if said[0][0].kind == "started" else 2])


def _claim(facts: Sequence[Fact], alerted: Alerts, predicate: str = "", arguments: Mapping[str, str] | None = None) -> Claim:
    first = facts[0]
    events = list({fact.event.id: fact.event for fact in facts}.values())[:_MOST_CITED]
    said = dict(first.arguments if arguments is None else arguments)
    named = predicate or first.predicate
    if not predicate and len(events) > 1:
        named, said = f"{named}.many", said | _counted({event.id for event in events}, facts)
    signalled = [alerted[event.id] for event in events if event.id in alerted]
    if first.event.host:
        said["host"] = first.event.host
    return Claim(
        predicate=named,
        arguments=said,
        evidence=tuple(Evidence(event_id=event.id, time=event.time) for event in events),
        time=first.event.time,
        host=first.event.host,
        tactic=latest(tactic for alert in signalled for tactic in alert.tactics),
        techniques=tuple(dict.fromkeys(technique for alert in signalled for technique in alert.techniques)),
    )


def _of_group(group: Group, alerted: Alerts) -> Iterator[Claim]:
    facts = sorted(
        (fact for fact in group.facts if fact.predicate), key=lambda fact: fact.event.time.timestamp() if fact.event.time else 0.0
    )
    if not facts:
        return
    predicate = facts[0].predicate
    alike = [fact for fact in facts if fact.predicate == predicate and fact.event.host == facts[0].event.host]
    if predicate in _TOGETHER:
        yield from _contained(alike, alerted, by_ending=group.label.startswith("*.") and predicate in _BY_ENDING)
    elif predicate in _CHILDREN and len(alike) > 1:
        said = {role: alike[0].arguments[role] for role in ("image", "parent")}
        same = [fact for fact in alike if all(fact.arguments.get(role) == value for role, value in said.items())]
        several = said | _counted({fact.event.id for fact in same[:_MOST_CITED]}, same)
        yield _claim(same, alerted, "process.children.many", several) if several["count"] != "1" else _claim(alike[:1], alerted)
    else:
        yield _claim(alike[:1], alerted)


def _contained(facts: Sequence[Fact], alerted: Alerts, *, by_ending: bool) -> Iterator[Claim]:
    """Yield one claim for things that lie in one folder or under one key, or for files that end alike wherever they lie."""
    predicate, role = _TOGETHER[facts[0].predicate]
    image = facts[0].arguments["image"]
    same = [fact for fact in facts if fact.arguments["image"] == image]
    things = [fact.arguments[role] for fact in same[:_MOST_CITED]]
    counts = _counted(set(things), same)
    shared = shared_folder(things)
    if by_ending and ending(things[0]) and not _is_one_folder(things):
        folders = _counted({folder(thing) for thing in things}, same)["count"]
        said = {"image": image, "ending": ending(things[0]), "folders": folders}
        yield _claim(same, alerted, predicate + _ENDING, said | counts)
    elif shared:
        yield _claim(same, alerted, predicate, {"image": image, "root" if role == "key" else "folder": shared} | counts)


def _is_one_folder(paths: Sequence[str]) -> bool:
    return len({folder(path) for path in paths}) == 1


def _counted(things: Collection[str], same: Sequence[Fact]) -> dict[str, str]:
    """Count the things of the facts that are cited; there may be more if there are more facts than a claim cites."""
    return {"count": str(len(things)) + (AT_LEAST if len(same) > _MOST_CITED else "")}
