"""Watch: what of the attacker's to look out for. Owns what is specific enough; pivots, the record and who is harmless are asked."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import NamedTuple

from watchkeeper.evidence.naming import short, tail
from watchkeeper.model.entity import Entity
from watchkeeper.model.incident import Incident
from watchkeeper.model.level import Level
from watchkeeper.model.note import Note
from watchkeeper.model.query import Query, Search
from watchkeeper.model.trace import Node, Trace
from watchkeeper.model.watch import WatchItem, Watchlist
from watchkeeper.tracing.fact import named, text
from watchkeeper.tracing.hubs import is_everyday
from watchkeeper.tracing.pivots import pivots, senders
from watchkeeper.tracing.sources import STARTS

MOST_ITEMS = 40
"""Of one incident."""
SHARED_HOSTS, NAME_HOSTS = 8, 2
"""What so many hosts outside the incident name is shared; of mere names, which prove less, fewer are enough."""
_MARGIN, _PAST = timedelta(hours=1), timedelta(days=1)
_MOST_HASHES, _MOST_CITED, _MOST_LEFT, _SHORTEST_STEM, _MOST_READ = 12, 3, 10, 5, 200
_MADE, _LASTS = frozenset({"created", "added"}), frozenset({"installed", "created"})
_STANDING = frozenset({"system", "local service", "network service", "administrator", "anonymous logon", "root", "guest", "-"})
_NAMES = frozenset({"file", "service", "task", "user", "fingerprint"})
_HASH = re.compile(r"(?:SHA256|SHA1|MD5)=(?P<hash>[0-9A-Fa-f]{32,64})")
_EVERYBODYS = frozenset({"psexesvc", "paexec", "remcomsvc", "winexesvc", "csexecsvc"})
"""Services that tools for remote work leave by a fixed name, whoever uses them: administrators do too."""
_EMPTY = frozenset({
    "d41d8cd98f00b204e9800998ecf8427e", "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
})  # fmt: skip
"""Hashes of nothing: every empty file has them."""
_CODE = (
    ".exe", ".dll", ".ps1", ".vbs", ".js", ".bat", ".cmd", ".hta", ".scr", ".sys", ".docm", ".xlsm", ".lnk", ".aspx", ".ashx", ".asp",
    ".jsp", ".jspx", ".php",
)  # fmt: skip
_INSIDE = tuple(ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"))
"""Source: RFC 1918, RFC 6598, RFC 4193. Such an address is given to another machine one day."""
_LEVELS: tuple[Level, ...] = ("high", "medium", "low")


@dataclass(frozen=True, slots=True)
class Naming:
    """That a host's events name something."""

    entity: Entity
    host: str
    count: int
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True, slots=True)
class Lookout:
    """What the choice asks."""

    search: Search
    """The record."""
    named: Callable[[Sequence[Entity]], Iterable[Naming]]
    """Gives which hosts name things, in the record and in what earlier cases observed."""
    harmless: Callable[[Entity], Note | None]
    """Says why something cannot be the attacker's alone: the organisation's own, allow-listed; none if nothing says so."""
    followed: frozenset[Entity]
    """What is looked out for already: that many hosts name it says how far the attacker came, not that it is shared."""
    begins: datetime | None
    """Time of the earliest event that is known of at all, UTC."""


class _Candidate(NamedTuple):
    entity: Entity
    why: Note
    level: Level
    hops: int = 0
    evidence: tuple[str, ...] = ()


def watch(incident: Incident, ask: Lookout) -> Watchlist:
    """Name what follows the attacker, and count where the record names it outside the incident.

    Needs the incident's trace; without one there is nothing to look out for. A bounded number of questions to the record.
    """
    if incident.trace is None:
        return Watchlist(items=(), why=(Note(code="impact.untraced"),))
    direct = [_shown(one, incident, ask.search) for one in _direct(incident.trace, ask.search)]
    gone = pivots([one.entity for one in direct if _public(one.entity) and ask.harmless(one.entity) is None], ask.search)
    beyond = [_Candidate(one.entity, one.why, _LEVELS[min(one.hops, 2)], one.hops, one.evidence) for one in gone.found]
    candidates: dict[Entity, _Candidate] = {}
    for one in (*direct, *beyond):
        candidates.setdefault(one.entity, one)
    ordered = sorted(candidates.values(), key=lambda one: (one.hops, _LEVELS.index(one.level)))
    outside = _outside(incident, ask.named(list(candidates)))
    kept: list[WatchItem] = []
    left = list(gone.hubs)
    for one in ordered:
        why = _left(one, outside[one.entity], incident, ask)
        if why is None:
            kept.append(_item(one, outside[one.entity]))
        else:
            left.append(why)
    return Watchlist(items=tuple(kept[:MOST_ITEMS]), why=tuple(_bounded(left, len(kept) - MOST_ITEMS)))


def _bounded(left: Sequence[Note], beyond: int) -> Iterator[Note]:
    yield from left[:_MOST_LEFT]
    if len(left) > _MOST_LEFT:
        yield Note(code="watch.left", arguments={"count": str(len(left) - _MOST_LEFT)})
    if beyond > 0:
        yield Note(code="watch.bounded", arguments={"count": str(beyond)})


def _direct(trace: Trace, search: Search) -> Iterator[_Candidate]:
    """Yield what the attack's own events show."""
    shown = _evidence(trace)
    foreign = [node for node in trace.nodes if _foreign(node) and (node.kind == "process" or (node.kind == "file" and _runs(node)))]
    yield from _hashes(foreign, shown, search)
    for entity in trace.attackers:
        inside = entity.kind == "address" and not _public(entity)
        evidence = trace.contacts.get(entity.value, ()) or next((shown[node.id] for node in trace.nodes if node.label == entity.value), ())
        yield _Candidate(entity, Note(code="watch.attacker"), "medium" if inside else "high", 0, tuple(evidence[:_MOST_CITED]))
    for one in senders(trace.events, search):
        yield _Candidate(one.entity, one.why, "medium", 0, one.evidence)
    for node in foreign:
        yield _Candidate(_file_of(node), Note(code="watch.program"), "medium", 0, shown[node.id])
    yield from _lasting(trace)
    yield from _accounts(trace, shown)


def _shown(one: _Candidate, incident: Incident, search: Search) -> _Candidate:
    """Cite the first events of the incident's time that name something which the picture has no edge to."""
    if one.evidence:
        return one
    asked = Query(mentions=(one.entity.value,), start=incident.start, end=incident.end, limit=_MOST_CITED)
    return one._replace(evidence=tuple(event.id for event in search(asked)))


def _evidence(trace: Trace) -> dict[str, tuple[str, ...]]:
    """Give a few events that show each node."""
    found: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
    for edge in trace.edges:
        for end in (edge.source, edge.target):
            if len(found[end]) < _MOST_CITED:
                found[end] = (*found[end], *edge.evidence)[:_MOST_CITED]
    return found


def _hashes(foreign: Sequence[Node], shown: dict[str, tuple[str, ...]], search: Search) -> Iterator[_Candidate]:
    """Yield hashes of programs and files of the attack, but of copies of what the system has."""
    for node in foreign[:_MOST_HASHES]:
        found = _HASH.findall(node.details.get("hash", ""))
        strongest = max(found, key=len, default="").lower()
        if strongest and strongest not in _EMPTY and not _stock(strongest, search):
            yield _Candidate(Entity(kind="hash", value=strongest), Note(code="watch.hash"), "high", 0, shown[node.id])


def _stock(value: str, search: Search) -> bool:
    """Say whether something in a system folder has the hash."""
    events = search(Query(mentions=(value,), logsources=STARTS, limit=_MOST_READ))
    images = [text(event, "Image") for event in events if value in text(event, "Hashes", "Hash").lower()]
    return any(image and short(image) != image for image in images)


def _foreign(node: Node) -> bool:
    path = node.details.get("image") or node.details.get("path", "")
    return bool(path) and short(path) == path and re.search(r"[\\/]", path) is not None


def _runs(node: Node) -> bool:
    return node.details.get("path", node.label).lower().endswith(_CODE)


def _file_of(node: Node) -> Entity:
    """Name a program by its file's name; by the whole path if so short a name may be anybody's."""
    path = node.details.get("image") or node.details.get("path") or node.label
    name = tail(path)
    return Entity(kind="file", value=(name if len(name.rpartition(".")[0]) >= _SHORTEST_STEM else path).lower())


def _lasting(trace: Trace) -> Iterator[_Candidate]:
    """Yield services, tasks and pipes that the attack made."""
    nodes = {node.id: node for node in trace.nodes}
    for edge in trace.edges:
        node = nodes.get(edge.target)
        if node is None or node.count > 1:
            continue
        name, evidence = node.label.lower(), edge.evidence[:_MOST_CITED]
        if node.kind == "service" and edge.kind in _LASTS:
            yield _Candidate(Entity(kind="service", value=name), Note(code="watch.service"), "medium", 0, evidence)
        if node.kind == "task" and edge.kind in _LASTS and not name.startswith("\\microsoft\\"):
            yield _Candidate(Entity(kind="task", value=name), Note(code="watch.task"), "medium", 0, evidence)
        if edge.kind == "created-pipe" and not re.search(r"\d{4}", name) and edge.source in nodes and _foreign(nodes[edge.source]):
            yield _Candidate(Entity(kind="file", value=name), Note(code="watch.pipe"), "medium", 0, evidence)


def _accounts(trace: Trace, shown: dict[str, tuple[str, ...]]) -> Iterator[_Candidate]:
    """Yield the accounts that the attack made, then those that alerted things acted under."""
    made = {edge.target for edge in trace.edges if edge.kind in _MADE}
    for node in trace.nodes:
        ordinary = named(node.label) in _STANDING or node.label.endswith("$")
        if node.kind == "user" and not ordinary and (node.id in made or node.alerted):
            code, level = ("watch.account", "high") if node.id in made else ("watch.used", "medium")
            yield _Candidate(Entity(kind="user", value=named(node.label)), Note(code=code), level, 0, shown[node.id])


def _public(entity: Entity) -> bool:
    if entity.kind != "address":
        return entity.kind == "domain"
    address = ip_address(entity.value)
    return not any(address in network for network in _INSIDE)


def _outside(incident: Incident, namings: Iterable[Naming]) -> dict[Entity, list[Naming]]:
    """Give what other hosts name, and the incident's own well before or after it; of what they name all along, that they do."""
    start = incident.start - _MARGIN if incident.start else None
    end = incident.end + _MARGIN if incident.end else None
    found: defaultdict[Entity, list[Naming]] = defaultdict(list)
    for one in namings:
        before, after = bool(start and one.first and one.first < start), bool(end and one.last and one.last > end)
        within = not (one.first and one.last and ((start and one.last < start) or (end and one.first > end)))
        if one.host and one.host not in incident.hosts:
            found[one.entity].append(one)
        elif before or after:
            found[one.entity].append(replace(one, count=1) if within else one)
    return found


def _left(one: _Candidate, outside: Sequence[Naming], incident: Incident, ask: Lookout) -> Note | None:
    """Say why something is not looked out for; none if it is."""
    value = {"value": one.entity.value}
    if one.entity.kind == "domain" and is_everyday(one.entity.value):
        return Note(code="watch.everyday", arguments=value)
    if one.entity.kind in _NAMES and one.entity.value.removesuffix(".exe") in _EVERYBODYS:
        return Note(code="watch.tool", arguments=value)
    harmless = ask.harmless(one.entity)
    if harmless is not None:
        return harmless
    if one.entity not in ask.followed and (shared := _shared(one.entity, outside, incident)):
        return shared
    if one.why.code == "watch.used" and not _appeared(outside, incident, ask.begins):
        return Note(code="watch.lives", arguments=value)
    return None


def _shared(entity: Entity, outside: Sequence[Naming], incident: Incident) -> Note | None:
    """Say that something is many hosts', or, if it is a mere name or an address inside, that it was there before the attack."""
    hosts = {naming.host for naming in outside if naming.host}
    is_weak = entity.kind in _NAMES or (entity.kind == "address" and not _public(entity))
    if len(hosts) > (NAME_HOSTS if is_weak else SHARED_HOSTS):
        return Note(code="watch.shared", arguments={"value": entity.value, "hosts": str(len(hosts))})
    start = incident.start
    if is_weak and start and any(naming.first and naming.first < start - _MARGIN for naming in outside):
        return Note(code="watch.before", arguments={"value": entity.value})
    return None


def _appeared(outside: Sequence[Naming], incident: Incident, begins: datetime | None) -> bool:
    """Say whether an account came up with the attack: the record goes back a day before it, and does not name it then."""
    if incident.start is None or begins is None or begins > incident.start - _PAST:
        return False
    return not any(one.first is None or one.first < incident.start - _MARGIN for one in outside)


def _item(one: _Candidate, outside: Sequence[Naming]) -> WatchItem:
    return WatchItem(
        entity=one.entity,
        why=one.why,
        level=one.level,
        hops=one.hops,
        evidence=one.evidence,
        sightings=sum(naming.count for naming in outside),
        first_seen=min((naming.first for naming in outside if naming.first), default=None),
        last_seen=max((naming.last for naming in outside if naming.last), default=None),
        hosts=tuple(sorted({naming.host for naming in outside if naming.host})),
    )
