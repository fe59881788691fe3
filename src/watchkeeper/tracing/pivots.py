"""Pivots: what else is the attacker's by what the record ties to the addresses and domains of the attack. Owns the steps and their hubs.

One step goes from an address to the names that resolve to it, from a name to its addresses, from both to certificates and TLS fingerprints;
a second goes on from what the first found. A thing with many neighbours, such as the address of a CDN, is a hub: it ends there.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from watchkeeper.model.entity import Entity
from watchkeeper.model.event import Event
from watchkeeper.model.note import Note
from watchkeeper.model.query import Query, Search
from watchkeeper.tracing.fact import address, text
from watchkeeper.tracing.sources import DNS, MAIL, TLS

MOST_NEIGHBOURS = 8
"""Names of one address, or addresses of one name or certificate; more are a service that many share."""
MOST_HOPS = 2
_MOST_READ, _MOST_CITED, _MOST_ASKED = 5_000, 3, 40
_ANSWERS, _NAMES = ("QueryResults", "answers"), ("QueryName", "query")
_CERTIFICATES = ("cert_chain_fps",)
_CLIENTS = ("ja3", "ja4", "tls.ja3.hash", "hassh", "ssh.client.hassh.hash")
_SENDERS = ("mailfrom", "from", "SenderFromAddress", "SenderMailFromAddress")
_RECIPIENTS = ("rcptto", "to", "RecipientEmailAddress")


class Found(NamedTuple):
    """Something that the record ties to the attacker."""

    entity: Entity
    why: Note
    hops: int
    evidence: tuple[str, ...]


class Pivoted(NamedTuple):
    """What pivoting gave, and what it did not go through."""

    found: Sequence[Found]
    hubs: Sequence[Note]


def pivots(starts: Sequence[Entity], search: Search) -> Pivoted:
    """Go from addresses and domains to what shares their infrastructure, at most `MOST_HOPS` steps."""
    found: dict[Entity, Found] = {}
    hubs: dict[Entity, Note] = {}
    fresh = [one for one in starts if one.kind in _TIED]
    for hops in range(1, MOST_HOPS + 2):  # the last round only finds out which of the ends are hubs
        ties = _ties(fresh[:_MOST_ASKED], search)
        hubs.update((of, _hub(of, most)) for of, by_code in ties.items() if (most := max(map(len, by_code.values()))) > MOST_NEIGHBOURS)
        known = frozenset((*starts, *found))
        new = {one.entity: one for of in ties.keys() - hubs.keys() for one in _ends(of, ties[of], hops) if one.entity not in known}
        if hops > MOST_HOPS or not new:
            break
        found |= {entity: one for entity, one in new.items() if not _is_usual(entity, known.union(new), search)}
        fresh = [entity for entity in new if entity.kind in _TIED]
    return Pivoted([one for one in found.values() if one.entity not in hubs], list(hubs.values()))


def senders(events: Sequence[str], search: Search) -> Iterator[Found]:
    """Yield who sent the mails among these events from outside: a sender with the domain of a recipient is inside."""
    for event in search(Query(ids=tuple(events), logsources=MAIL)) if events else ():
        home = {_domain(one) for one in _texts(event, *_RECIPIENTS)}
        for sender in _texts(event, *_SENDERS):
            mailbox = sender.rpartition("<")[2].strip("<> ").lower()
            if "@" in mailbox and _domain(mailbox) not in home:
                yield Found(Entity(kind="mailbox", value=mailbox), Note(code="watch.sender"), 0, (event.id,))


_TIED = frozenset({"address", "domain", "hash"})
_Ends = dict[Entity, list[str]]


def _hub(of: Entity, neighbours: int) -> Note:
    return Note(code="watch.hub", arguments={"value": of.value, "count": str(neighbours)})


def _ends(of: Entity, by_code: dict[str, _Ends], hops: int) -> Iterator[Found]:
    for code, ends in by_code.items():
        for end, evidence in ends.items():
            yield Found(end, Note(code=code, arguments={"of": of.value}), hops, tuple(evidence[:_MOST_CITED]))


def _ties(of: Sequence[Entity], search: Search) -> dict[Entity, dict[str, _Ends]]:
    """Give what each is tied to, by the code of the reason, with the events that show it."""
    found: defaultdict[Entity, dict[str, _Ends]] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    wanted = set(of)
    if not wanted:
        return found
    mentions = tuple(dict.fromkeys(one.value for one in of))
    for event in search(Query(mentions=mentions, logsources=(*DNS, *TLS), limit=_MOST_READ)):
        for start, code, end in _pairs(event):
            if start in wanted and start != end:
                found[start][code][end].append(event.id)
    return found


def _pairs(event: Event) -> Iterator[tuple[Entity, str, Entity]]:
    """Yield what one event ties together, in both directions."""
    names = [_named(one) for one in _texts(event, *_NAMES) if _named(one)]
    answers = [found for one in _texts(event, *_ANSWERS) for piece in one.replace(",", ";").split(";") if (found := address(piece.strip()))]
    for name in names:
        for answer in answers:
            yield Entity(kind="domain", value=name), "watch.answer", Entity(kind="address", value=answer)
            yield Entity(kind="address", value=answer), "watch.resolved", Entity(kind="domain", value=name)
    yield from _encrypted(event)


def _encrypted(event: Event) -> Iterator[tuple[Entity, str, Entity]]:
    """Yield what a TLS or SSH handshake ties together."""
    server = address(text(event, "id.resp_h", "dest_ip"))
    if server is None:
        return
    here = Entity(kind="address", value=server)
    name = _named(text(event, "server_name", "tls.sni"))
    hashes = [Entity(kind="hash", value=one.lower().replace(":", "")) for one in _texts(event, *_CERTIFICATES)[:1]]
    for one in (Entity(kind="domain", value=name),) if name else ():
        yield here, "watch.named", one
        yield one, "watch.served", here
    for one in hashes:
        yield here, "watch.certificate", one
        yield one, "watch.same-certificate", here
    for one in _texts(event, *_CLIENTS):
        yield here, "watch.client", Entity(kind="fingerprint", value=one.lower())


def _is_usual(one: Entity, known: Iterable[Entity], search: Search) -> bool:
    """Say whether a client's fingerprint also went elsewhere: then it is of ordinary software."""
    if one.kind != "fingerprint":
        return False
    ours = {entity.value for entity in known}
    reached = {text(event, "id.resp_h", "dest_ip") for event in search(Query(mentions=(one.value,), logsources=TLS, limit=_MOST_READ))}
    return not reached <= ours


def _texts(event: Event, *names: str) -> list[str]:
    found: list[str] = []
    for name in names:
        value = event.fields.get(name, ())
        found += [one for one in ((value,) if isinstance(value, str) else value) if one and one != "-"]
    return found


def _named(value: str) -> str:
    name = value.lower().rstrip(".")
    return name if "." in name and address(name) is None and not name.endswith((".arpa", ".local")) else ""


def _domain(mailbox: str) -> str:
    return mailbox.rpartition("@")[2].strip("<> ").lower()
