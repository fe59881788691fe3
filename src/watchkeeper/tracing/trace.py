"""Trace: what happened around an incident, as a graph and a story. Owns the order of the steps; each step stands in its own file."""

from collections import Counter, defaultdict
from collections.abc import Iterable

import pyarrow as pa

from watchkeeper.model.incident import Incident
from watchkeeper.model.note import Note
from watchkeeper.model.query import Search
from watchkeeper.model.trace import Trace
from watchkeeper.tracing.alerted import Alerts, alerts
from watchkeeper.tracing.attackers import attackers
from watchkeeper.tracing.drawing import edges, identifier, nodes
from watchkeeper.tracing.entry import find_entry, sureness
from watchkeeper.tracing.extent import extent
from watchkeeper.tracing.neighbourhood import gather
from watchkeeper.tracing.picture import compose
from watchkeeper.tracing.ranking import ranked
from watchkeeper.tracing.story import tell
from watchkeeper.tracing.unknowns import unknowns

_MOST_TECHNIQUES = 8


def trace(incident: Incident, signals: pa.Table, search: Search) -> Trace:
    """Find where an incident came from and what it touched.

    `signals` holds the incident's own signals (`PLACED_SCHEMA`). Work is bounded: about ten questions to `search`, each with a limit.
    """
    alerted = alerts(signals)
    near = gather(incident, alerted, search)
    entry = find_entry(near.facts, alerted)
    picture = compose(ranked(near.facts, alerted), entry, near.facts, alerted, near.cast.processes)
    story, refused = tell(picture, alerted, near.events)
    whole = extent(incident.hosts, alerted, attackers(picture, near.facts, alerted), search)
    return Trace(
        nodes=nodes(picture, alerted, near.cast.processes),
        edges=edges(picture, alerted, near.cast.processes.ends),
        entry=identifier(entry.thing.key) if entry.thing else None,
        entry_note=sureness(entry, near.events.values(), (thing.key for thing, _ in picture.unborn)),
        story=story,
        dropped_claims=len(refused),
        dropped_why=_reasons(refused),
        attackers=whole.outside,
        techniques=_techniques(alerted, (id_ for facts in picture.pairs.values() for id_ in (fact.event.id for fact in facts))),
        unknowns=unknowns(near, picture, incident.hosts),
        events_read=len(near.events),
        contacts=dict(whole.contacts),
        acted=dict(whole.acted),
        events=whole.events,
    )


def _reasons(refused: Iterable[Note]) -> tuple[Note, ...]:
    """Give the first refusal of each kind with how many there are."""
    first: dict[str, Note] = {}
    times: Counter[str] = Counter()
    for note in refused:
        first.setdefault(note.code, note)
        times[note.code] += 1
    return tuple(Note(code=note.code, arguments=note.arguments | {"times": str(times[code])}) for code, note in first.items())


def _techniques(alerted: Alerts, drawn: Iterable[str]) -> tuple[str, ...]:
    """Order techniques by the weightiest rule that names them, other rules counting a quarter; events in the picture count twice."""
    shown = set(drawn)
    support: dict[str, dict[str, float]] = defaultdict(dict)
    for id_, alert in alerted.items():
        for technique in alert.techniques:
            for rule, weight in alert.rules.items():
                told = weight * (2 if id_ in shown else 1)
                support[technique][rule] = max(told, support[technique].get(rule, 0.0))
    totals = {technique: 0.75 * max(rules.values()) + 0.25 * sum(rules.values()) for technique, rules in support.items()}
    return tuple(sorted(totals, key=lambda technique: -totals[technique]))[:_MOST_TECHNIQUES]
