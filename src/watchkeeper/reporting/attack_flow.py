"""One incident as an Attack Flow. Owns which steps become actions and what leads to what; how objects are written stands in `stix`.

Source: Center for Threat-Informed Defense, "Attack Flow", STIX extension 2.0.0, which is the one that is published.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from watchkeeper.attack import current_id, technique
from watchkeeper.model.claim import Claim
from watchkeeper.model.incident import Case, Incident
from watchkeeper.model.language import Language
from watchkeeper.model.note import Note
from watchkeeper.model.trace import Trace
from watchkeeper.reporting.graph_layers import neighbours
from watchkeeper.reporting.sentences import say, word
from watchkeeper.reporting.stix_bundle import Telling, attack_pattern, author_of, teller, things
from watchkeeper.stix.objects import Author, Object, bundle, identity, marked, marking, stamp

EXTENSION = "extension-definition--fb9c968a-745b-4ade-9b25-c324172197f4"
_PUBLISHER = "identity--d673f8cb-c168-42da-8ed4-0cb26725f86c"
_PUBLISHED = "2022-08-02T19:34:35.143Z"
_NEW = {EXTENSION: {"extension_type": "new-sdo"}}
_MOST_SENTENCES = 12
"""Sentences that one action is described with; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Step:
    """What the attacker did with one technique, or for one tactic, on one host."""

    technique: str
    """Its id today; empty if only the tactic is known."""
    tactic: str
    host: str
    start: datetime | None
    end: datetime | None
    events: frozenset[str]
    sentences: tuple[str, ...]

    @property
    def key(self) -> tuple[str, str, str]:
        """Tell it from the other steps of its incident."""
        return self.technique, self.tactic, self.host


def attack_flow(case: Case, incident: Incident, telling: Telling) -> Object:
    """Give the flow of an incident: its steps, what they led to as far as the graph shows it, the hosts, the outcome.

    Raises:
        ValueError: no technique or tactic of the incident is known, so that there is no step to tell.
    """
    found = steps(incident, telling.lang)
    if not found:
        raise ValueError(f"incident {incident.rank} ({incident.title!r}) names no technique or tactic, so no step of a flow is known")
    who = teller(case, telling)
    author = author_of(incident, case, who["id"], telling.tlp)
    marks = [marking(telling.tlp)] if telling.tlp else []
    told = [who, *marks, *_extension(), *_flow(incident, found, author, telling.lang)]
    return bundle(("attack-flow", who["id"], stamp(case.made), incident.id), told)


def steps(incident: Incident, lang: Language) -> tuple[Step, ...]:
    """Give the steps in time order: from the story's checked sentences, or from the folds where there is no story to tell of one."""
    claims = [claim for claim in incident.trace.story if claim.techniques or claim.tactic] if incident.trace else []
    found: dict[tuple[str, str, str], Step] = {}
    for step in [_of_claim(claim, lang) for claim in claims] or list(_of_folds(incident)):
        before = found.get(step.key)
        found[step.key] = _joined(before, step) if before else step
    return tuple(sorted(found.values(), key=lambda step: (step.start is None, step.start and step.start.timestamp(), step.key)))


def leads(found: Sequence[Step], trace: Trace | None) -> tuple[tuple[int, int], ...]:
    """Give which step led to which, by their places: the graph has a way from what one touched to what acted in the later other.

    A way that passes through a step between them is left out.
    """
    reach = {(a, b) for a in range(len(found)) for b in range(a + 1, len(found)) if trace and _way(found[a], found[b], trace)}
    return tuple(sorted((a, b) for a, b in reach if not any((a, over) in reach and (over, b) in reach for over in range(a + 1, b))))


def _of_claim(claim: Claim, lang: Language) -> Step:
    key = current_id(claim.techniques[0]) if claim.techniques else ""
    events = frozenset(item.event_id for item in claim.evidence)
    return Step(key, claim.tactic, claim.host, claim.time, claim.time, events, (say(claim, lang),))


def _of_folds(incident: Incident) -> Iterator[Step]:
    for fold in incident.folds:
        if fold.techniques or fold.tactics:
            key, tactic = (current_id(fold.techniques[0]) if fold.techniques else ""), (fold.tactics[0] if fold.tactics else "")
            yield Step(key, tactic, fold.host, fold.first, fold.last, frozenset(), (fold.title,))


def _joined(before: Step, step: Step) -> Step:
    starts, ends = ([time for time in pair if time] for pair in ((before.start, step.start), (before.end, step.end)))
    return Step(
        *before.key, min(starts, default=None), max(ends, default=None), before.events | step.events,
        tuple(dict.fromkeys((*before.sentences, *step.sentences))),
    )  # fmt: skip


def _way(first: Step, second: Step, trace: Trace) -> bool:
    """Say whether what acted in the second step can be reached from anything that the first touched."""
    begins = {node for edge in trace.edges if first.events.intersection(edge.evidence) for node in (edge.source, edge.target)}
    ends = {edge.source for edge in trace.edges if second.events.intersection(edge.evidence)}
    following = neighbours([node.id for node in trace.nodes], [(edge.source, edge.target) for edge in trace.edges])
    seen, waiting = set(begins), list(begins)
    while waiting:
        for after in following.get(waiting.pop(), ()):
            if after not in seen:
                seen.add(after)
                waiting.append(after)
    return bool(seen & ends)


def _flow(incident: Incident, found: Sequence[Step], author: Author, lang: Language) -> Iterator[Object]:
    chain = leads(found, incident.trace)
    actions = [_key(author, "attack-action", incident, *step.key) for step in found]
    joins = {
        b: _key(author, "attack-operator", incident, *found[b].key) for b in range(len(found)) if sum(b == end for _, end in chain) > 1
    }
    outcome = _outcome(incident, author, lang)
    entry = _entry(incident, [actions[at] for at in range(len(found)) if all(at != end for _, end in chain)], author, lang)
    yield _object(
        author, "attack-flow", (incident.id,), name=incident.title, scope="incident", start_refs=[entry["id"]],
        description=incident.trace and say(incident.trace.entry_note, lang),
    )  # fmt: skip
    yield entry
    yield from ([outcome] if outcome else [])
    for at, step in enumerate(found):
        after = [joins.get(end, actions[end]) for start, end in chain if start == at]
        after = after or ([outcome["id"]] if outcome else [])
        yield from _action(incident, step, after, author)
    for at, name in joins.items():
        yield _object(author, "attack-operator", (incident.id, *found[at].key), operator="OR", effect_refs=[actions[at]]) | {"id": name}


def _action(incident: Incident, step: Step, after: Sequence[str], author: Author) -> Iterator[Object]:
    known = technique(step.technique)
    pattern = attack_pattern(step.technique, author) if step.technique else None
    asset = _asset(step.host, incident, author) if step.host else ()
    more = len(step.sentences) - _MOST_SENTENCES
    command = _command(step, incident)
    yield from (pattern,) if pattern else ()
    yield from asset
    yield from (part | marked(author.tlp) for part in command)
    yield _object(
        author, "attack-action", (incident.id, *step.key), name=known.name if known else step.technique or step.tactic,
        technique_id=step.technique, technique_ref=pattern and pattern["id"], tactic_id=step.tactic,
        description="\n".join([*step.sentences[:_MOST_SENTENCES], *([f"… +{more}"] if more > 0 else [])]),
        execution_start=step.start and stamp(step.start), execution_end=step.end and stamp(step.end),
        command_ref=command[0]["id"] if command else None, asset_refs=[one["id"] for one in asset if one["type"] == "attack-asset"],
        effect_refs=list(dict.fromkeys(after)),
    )  # fmt: skip


def _command(step: Step, incident: Incident) -> tuple[Object, ...]:
    """Give the first process that the step started or that acted in it, with the file it runs."""
    trace = incident.trace
    nodes: Mapping[str, tuple[Object, ...]] = (
        {node.id: things(node, incident) for node in trace.nodes if node.kind == "process"} if trace else {}
    )
    for edge in trace.edges if trace else ():
        if step.events.intersection(edge.evidence):
            ends = (edge.target, edge.source) if edge.kind == "started" else (edge.source, edge.target)
            for end in ends:
                if nodes.get(end):
                    return nodes[end]
    return ()


def _asset(host: str, incident: Incident, author: Author) -> tuple[Object, ...]:
    about = author.marks(identity(host, "system", f"{author.id}\0{host}", author.modified))
    return about, _object(author, "attack-asset", (incident.id, host), name=host, object_ref=about["id"])


def _entry(incident: Incident, first: Sequence[str], author: Author, lang: Language) -> Object:
    said = say(incident.trace.entry_note, lang) if incident.trace else word("export.flow.entry", lang)
    return _object(author, "attack-condition", (incident.id, "entry"), description=said, on_true_refs=list(dict.fromkeys(first)))


def _outcome(incident: Incident, author: Author, lang: Language) -> Object | None:
    if incident.verdict is None:
        return None
    said = {"outcome": incident.verdict.outcome, "confidence": f"{incident.verdict.confidence:.0%}"}
    text = say(Note(code="export.flow.outcome", arguments=said), lang)
    return _object(author, "attack-condition", (incident.id, "outcome"), description=text)


def _key(author: Author, of_type: str, incident: Incident, *key: str) -> str:
    return str(author.object(of_type, (incident.id, *key))["id"])


def _object(author: Author, of_type: str, key: tuple[str, ...], **properties: object) -> Object:
    return author.object(of_type, key, extensions=_NEW, **properties)


def _extension() -> tuple[Object, Object]:
    """Give the definition of the extension and who published it, as they are published."""
    common = {"spec_version": "2.1", "created_by_ref": _PUBLISHER, "created": _PUBLISHED, "modified": _PUBLISHED}
    definition = {
        "type": "extension-definition", "id": EXTENSION, **common, "name": "Attack Flow", "version": "2.0.0",
        "extension_types": ["new-sdo"],
        "description": "Extends STIX 2.1 with features to create Attack Flows.",
        "schema": "https://center-for-threat-informed-defense.github.io/attack-flow/stix/attack-flow-schema-2.0.0.json",
    }  # fmt: skip
    publisher = {
        "type": "identity", "id": _PUBLISHER, **common, "name": "MITRE Center for Threat-Informed Defense",
        "identity_class": "organization",
    }  # fmt: skip
    return definition, publisher
