"""An incident's story step by step: what each sentence adds to what is known. Owns the steps' order and what is new in each, no wording."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from watchkeeper.model.claim import Claim
from watchkeeper.model.trace import Node, Trace


@dataclass(frozen=True, slots=True)
class Step:
    """One sentence of the story, and how the picture grows with it."""

    number: int
    """From 1, in the order of the story."""
    claim: Claim
    """The sentence as data; it was checked against its events when the case was made."""
    pause: timedelta | None
    """How long after the step before it, in time order; none for the first, and where a time is missing."""
    evidence: tuple[str, ...]
    """Handles of its events in the report's evidence table, such as `E12`; an event that is not in it goes by its id."""
    new: tuple[Node, ...]
    """Nodes of the graph that appear with it."""
    enters: str
    """Host that the story comes to for the first time; empty if it comes to none."""
    known: int
    """Nodes that have appeared by then."""


def steps(trace: Trace, numbers: Mapping[str, int]) -> tuple[Step, ...]:
    """Give the steps of a story; `numbers` are the events' numbers in the evidence table."""
    return tuple(_steps(trace, numbers))


def _steps(trace: Trace, numbers: Mapping[str, int]) -> Iterator[Step]:
    shown_by, nodes = _shown_by(trace), {node.id: node for node in trace.nodes}
    known, hosts = dict[str, None](), set[str]()
    before: Claim | None = None
    for number, claim in enumerate(trace.story, 1):
        events = dict.fromkeys(item.event_id for item in claim.evidence)
        new = [name for event in events for name in shown_by.get(event, ()) if name not in known]
        known |= dict.fromkeys(new)
        enters = claim.host if claim.host and claim.host not in hosts else ""
        hosts.add(claim.host)
        yield Step(
            number=number,
            claim=claim,
            pause=claim.time - before.time if before and before.time and claim.time else None,
            evidence=tuple(f"E{numbers[event]}" if event in numbers else event for event in events),
            new=tuple(nodes[name] for name in dict.fromkeys(new) if name in nodes),
            enters=enters,
            known=len(known),
        )
        before = claim


def _shown_by(trace: Trace) -> dict[str, list[str]]:
    """Give the nodes that an event shows: the ends of the edges that cite it."""
    found: dict[str, list[str]] = {}
    for edge in trace.edges:
        for event in edge.evidence:
            found.setdefault(event, []).extend((edge.source, edge.target))
    return found
