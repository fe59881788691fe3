"""Attackers: addresses and domains the attack came from or talked to. Owns deciding that by behaviour: an address range says nothing."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from ipaddress import ip_address

from watchkeeper.evidence.naming import short
from watchkeeper.model.entity import Entity
from watchkeeper.tracing.addresses import CONTROL_PORTS
from watchkeeper.tracing.alerted import Alerts, subject
from watchkeeper.tracing.fact import Fact, Thing
from watchkeeper.tracing.hubs import is_hub
from watchkeeper.tracing.picture import Picture

_INFRASTRUCTURE_PORTS = frozenset(
    {"53", "67", "68", "88", "123", "135", "137", "138", "389", "464", "636", "3268", "3269", "5355", "5353", "1900"}
)
_SHARED_BY = 4
"""An address that so many other programs talk to serves the organisation, not the attack."""
_MOST = 12


def attackers(picture: Picture, facts: Iterable[Fact], alerted: Alerts) -> tuple[Entity, ...]:
    """Rank the outside ends of the attack by what ties them to it, strongest first."""
    facts = tuple(facts)
    implants = _implants(picture, facts, alerted)
    users = _users_of(facts, implants)
    scores: dict[tuple[str, str], float] = defaultdict(float)
    for fact in facts:
        for thing, score in _suspects(fact, picture, implants, alerted):
            if thing.kind in {"address", "domain"} and not (thing.kind == "address" and len(users.get(thing.key, ())) >= _SHARED_BY):
                scores[thing.kind, thing.label] = max(scores[thing.kind, thing.label], score)
    best = sorted(scores, key=lambda entity: (-scores[entity], entity))
    strongest = max(scores.values(), default=0.0)
    return tuple(
        Entity(kind="address" if kind == "address" else "domain", value=value)
        for kind, value in best
        if scores[kind, value] >= strongest / 2
    )[:_MOST]


def _implants(picture: Picture, facts: Sequence[Fact], alerted: Alerts) -> dict[str, float]:
    """Weigh the processes that act for the attack: outside the system's folders and in the chain most, alerted ones next."""
    signalled = {subject(fact).key for fact in facts if fact.event.id in alerted}
    injected = {fact.target.key for fact in facts if fact.kind == "injected" and fact.source.key in picture.chosen}
    found: dict[str, float] = {}
    for key, item in picture.chosen.items():
        image = item.thing.details.get("image", "")
        foreign = bool(image) and short(image) == image and not is_hub(item.thing)
        weight = 4.0 * foreign + 2.0 * (key in injected) + 1.0 * (key in signalled and not is_hub(item.thing))
        if item.thing.kind == "process" and weight:
            found[key] = weight
    return found


def _suspects(fact: Fact, picture: Picture, implants: Mapping[str, float], alerted: Alerts) -> Iterable[tuple[Thing, float]]:
    """Give the outside ends of one fact and how strongly it ties them to the attack."""
    signalled = fact.event.id in alerted
    match fact.kind:
        case "connected" | "asked" if fact.source.key in implants:
            if not _serves(fact):
                weaker = 0.6 if fact.kind == "asked" else 1.0
                return [(fact.target, weaker * (implants[fact.source.key] + signalled))]
        case "accepted" if fact.target.key in implants:
            return [(fact.source, implants[fact.target.key] + signalled)]
        case "downloaded" if fact.target.key in picture.chosen:
            return [(fact.source, 4.0)]
        case "logged-on" | "came-as" | "failed" | "shared" if fact.target.key in picture.chosen and (signalled or fact.kind == "logged-on"):
            return [(fact.source, 3.0 if signalled else 1.5)]
        case _ if signalled:
            return _signalled(fact)
        case _:
            pass
    return []


def _signalled(fact: Fact) -> Iterable[tuple[Thing, float]]:
    """Give the outside ends of a request or of traffic that a signal is on: who asked our own, or who was asked from inside."""
    match fact.kind:
        case "asked" | "reached" | "refused" if fact.target.host or fact.target.kind == "service":
            return [(fact.source, 2.5)]
        case "asked" if fact.source.kind in {"address", "host"}:
            return [(fact.target, 2.0)]
        case "sent" | "called":
            return [(fact.source, 2.0)]
        case "reached" | "refused":
            return [(fact.target, 1.5)]
        case "alerted":
            return [(fact.target, 1.5), (fact.source, 1.0)]
        case _:
            return []


def _serves(fact: Fact) -> bool:
    """Say whether a connection is to what serves the organisation, or to another of its hosts to be worked from here."""
    port = fact.arguments.get("port", "")
    inside = fact.target.kind == "address" and ip_address(fact.target.label).is_private
    return port in _INFRASTRUCTURE_PORTS or (inside and port in CONTROL_PORTS)


def _users_of(facts: Iterable[Fact], implants: Mapping[str, float]) -> dict[str, set[str]]:
    """Give by address the names of other programs that talk to it."""
    found: dict[str, set[str]] = defaultdict(set)
    for fact in facts:
        if fact.kind == "connected" and fact.source.key not in implants:
            found[fact.target.key].add(fact.source.label.lower())
    return found
