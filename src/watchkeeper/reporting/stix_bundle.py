"""Incidents as a STIX 2.1 bundle. Owns what of an incident becomes which object; how objects are written stands in `stix`.

Source: OASIS STIX 2.1, sections 4.2 (attack-pattern), 4.6 (incident), 4.7 (indicator), 4.14 (observed-data), 4.16 (report), 5 (relations).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from watchkeeper.attack import current_id, technique
from watchkeeper.model.impact import WatchItem
from watchkeeper.model.incident import Case, Incident
from watchkeeper.model.indicator import Tlp
from watchkeeper.model.language import Language
from watchkeeper.model.note import Note
from watchkeeper.model.trace import Edge, Node, Trace
from watchkeeper.reporting.sentences import say, word
from watchkeeper.stix import observables
from watchkeeper.stix.objects import MOST_COUNT, Author, Object, bundle, identity, marked, marking, stamp
from watchkeeper.stix.patterns import pattern_of

_BY_LABEL = {"address": observables.address, "domain": observables.domain, "url": observables.url}
_MOST_REFERENCES = 50
"""Ids of events that one observation names."""


@dataclass(frozen=True, slots=True)
class Telling:
    """What a person asked to be told, by whom and to whom."""

    organisation: str = ""
    """Who tells; Watchkeeper itself if nobody is named."""
    tlp: Tlp = "amber"
    lang: Language = "en"


@dataclass(frozen=True, slots=True)
class _Observed:
    edge: Edge
    data: Object
    parts: tuple[Object, ...]


def stix_bundle(case: Case, incidents: Sequence[Incident], telling: Telling) -> Object:
    """Give the bundle of some incidents of a case; the same case gives the same bytes, a later run over it newer versions."""
    who = teller(case, telling)
    told = [one for incident in incidents for one in _incident(incident, case, who["id"], telling)]
    return bundle((who["id"], stamp(case.made), *(incident.id for incident in incidents)), [who, *_marking(telling.tlp), *told])


def teller(case: Case, telling: Telling) -> Object:
    """Give the identity of who tells."""
    name = telling.organisation.strip()
    return identity(name, "organization", name, case.made) if name else identity("Watchkeeper", "system", "Watchkeeper", case.made)


def author_of(incident: Incident, case: Case, who: str, tlp: Tlp) -> Author:
    """Give who tells of an incident, since when and to whom; what is synthetic says so in every object."""
    return Author(who, incident.start or case.made, case.made, tlp, ("synthetic",) if incident.synthetic else ())


def attack_pattern(key: str, author: Author) -> Object:
    """Give a technique of ATT&CK; an id that ATT&CK does not have has only itself as a name."""
    known = technique(key)
    name = known.name if known else key
    phases = [{"kill_chain_name": "mitre-attack", "phase_name": tactic} for tactic in (known.tactics if known else ())]
    reference = {"source_name": "mitre-attack", "external_id": known.id} if known else {"source_name": "watchkeeper", "external_id": key}
    return author.object("attack-pattern", (key,), name=name, external_references=[reference], kill_chain_phases=phases)


def things(node: Node, incident: Incident) -> tuple[Object, ...]:
    """Give a node as observables, itself first; nothing for what STIX has no observable for."""
    path = node.details.get("path", node.label)
    match node.kind:
        case "process":
            return observables.process(f"{incident.id}\0{node.id}", node.details)
        case "file":
            return observables.file(path, node.details.get("hash", ""))
        case "registry":
            return observables.registry_key(path)
        case "user" | "logon":
            return observables.account(node.details.get("user", node.label))
        case other:
            return _BY_LABEL[other](node.label) if other in _BY_LABEL else ()


def _marking(tlp: Tlp) -> list[Object]:
    return [marking(tlp)] if tlp else []


def _incident(incident: Incident, case: Case, who: str, telling: Telling) -> Iterator[Object]:
    author = author_of(incident, case, who, telling.tlp)
    patterns = {key: attack_pattern(key, author) for key in _techniques(incident)}
    seen = list(_observed(incident.trace, incident, author, case)) if incident.trace else []
    hosts = {host: author.marks(identity(host, "system", f"{who}\0{host}", case.made)) for host in incident.hosts}
    root = author.object("incident", (incident.id,), name=incident.title, description=_description(incident, telling.lang))
    untold = (len(incident.trace.edges) if incident.trace else 0) - len(seen)
    left_out = say(Note(code="export.untold", arguments={"count": str(untold)}), telling.lang) if untold else ""
    told = [root, *hosts.values(), *patterns.values()]
    for one in seen:
        told += [*(part | marked(telling.tlp) for part in one.parts), one.data]
    told += _related(root, patterns, hosts, author)
    told += _technique_sightings(seen, patterns, who, author)
    told += _watched(incident, seen, who, author, telling.lang)
    yield from told
    refs = list(dict.fromkeys(one["id"] for one in told))
    yield author.object(
        "report", (incident.id,), name=incident.title, description="\n".join(filter(None, (root.get("description"), left_out))),
        report_types=["threat-report"],
        published=stamp(case.made), object_refs=refs,
    )  # fmt: skip


def _techniques(incident: Incident) -> list[str]:
    traced = incident.trace.techniques if incident.trace else ()
    return list(dict.fromkeys(current_id(key) for key in (*incident.techniques, *traced)))


def _description(incident: Incident, lang: Language) -> str:
    outcome = f"{word(f'outcome.{incident.verdict.outcome}', lang)} {incident.verdict.confidence:.0%}" if incident.verdict else ""
    entry = say(incident.trace.entry_note, lang) if incident.trace else ""
    story = [say(claim, lang) for claim in incident.trace.story[:40]] if incident.trace else []
    return "\n".join(line for line in (outcome, entry, *story) if line)


def _observed(trace: Trace, incident: Incident, author: Author, case: Case) -> Iterator[_Observed]:
    """Yield an observation for each edge of the graph that has an end which STIX can tell."""
    known = {node.id: things(node, incident) for node in trace.nodes}
    for edge in trace.edges:
        parts = (*known.get(edge.source, ()), *known.get(edge.target, ()))
        if not parts:
            continue
        time = stamp(edge.time or incident.start or case.made)
        references = [
            {"source_name": "watchkeeper", "description": edge.kind, "external_id": key} for key in edge.evidence[:_MOST_REFERENCES]
        ]
        yield _Observed(
            edge,
            author.object(
                "observed-data", (incident.id, edge.source, edge.target, edge.kind), first_observed=time, last_observed=time,
                number_observed=min(len(edge.evidence), MOST_COUNT), object_refs=list(dict.fromkeys(part["id"] for part in parts)),
                external_references=references,
            ),
            parts,
        )  # fmt: skip


def _related(root: Object, patterns: Mapping[str, Object], hosts: Mapping[str, Object], author: Author) -> Iterator[Object]:
    for other in (*patterns.values(), *hosts.values()):
        yield _relation(root["id"], "related-to", other["id"], author)


def _relation(source: str, kind: str, target: str, author: Author) -> Object:
    return author.object("relationship", (source, kind, target), relationship_type=kind, source_ref=source, target_ref=target)


def _technique_sightings(seen: Sequence[_Observed], patterns: Mapping[str, Object], who: str, author: Author) -> Iterator[Object]:
    for key, pattern in patterns.items():
        shown = [one for one in seen if key in {current_id(tag) for tag in one.edge.techniques}]
        if shown:
            times = sorted(one.data["first_observed"] for one in shown)
            yield author.object(
                "sighting", (pattern["id"], *(one.data["id"] for one in shown)), sighting_of_ref=pattern["id"], where_sighted_refs=[who],
                observed_data_refs=[one.data["id"] for one in shown], first_seen=times[0], last_seen=times[-1],
                count=min(sum(one.data["number_observed"] for one in shown), MOST_COUNT),
            )  # fmt: skip


def _watched(incident: Incident, seen: Sequence[_Observed], who: str, author: Author, lang: Language) -> Iterator[Object]:
    """Yield an indicator for what to look out for, what it rests on, and where the record names it outside the incident."""
    for item in incident.watchlist.items if incident.watchlist else ():
        indicator = _indicator(item, incident, author, lang)
        if indicator is None:
            continue
        yield indicator
        for one in seen:
            if any(_names(part, item.entity.value) for part in one.parts):
                yield _relation(indicator["id"], "based-on", one.data["id"], author)
        if item.sightings:
            yield author.object(
                "sighting", (indicator["id"],), sighting_of_ref=indicator["id"], where_sighted_refs=[who],
                count=min(item.sightings, MOST_COUNT), first_seen=_stamped(item.first_seen), last_seen=_stamped(item.last_seen),
            )  # fmt: skip


def _indicator(item: WatchItem, incident: Incident, author: Author, lang: Language) -> Object | None:
    kind = {"account": "user"}.get(item.entity.kind, item.entity.kind)
    pattern = pattern_of(kind, item.entity.value)
    if not pattern:
        return None
    since = min(time for time in (item.first_seen, incident.start, author.created) if time)
    return author.object(
        "indicator", (incident.id, item.entity.kind, item.entity.value), name=item.entity.value, description=say(item.why, lang),
        indicator_types=["malicious-activity"], pattern=pattern, pattern_type="stix", valid_from=stamp(since),
    )  # fmt: skip


def _names(part: Object, value: str) -> bool:
    told = (part.get("value"), part.get("name"), part.get("account_login"), *part.get("hashes", {}).values())
    return any(isinstance(one, str) and one.lower() in {value, f"{value}."} for one in told)


def _stamped(time: datetime | None) -> str:
    return stamp(time) if time else ""
