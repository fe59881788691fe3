"""The story as it is read: an opening of three sentences and phases by tactic. Owns choosing and grouping; the claims are tracing's."""

from collections.abc import Sequence
from dataclasses import dataclass

from watchkeeper.attack import TACTICS, tactic
from watchkeeper.model.claim import Claim
from watchkeeper.model.note import Note
from watchkeeper.model.trace import Trace
from watchkeeper.reporting.times import moment


@dataclass(frozen=True, slots=True)
class Phase:
    """Claims that follow each other and serve one tactic."""

    tactic: str
    """ATT&CK tactic; empty for what comes before any tactic is known."""
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class Opening:
    """One sentence of the opening."""

    lead: Note
    """What it is, the entry, a step or the effect, with its time."""
    claim: Claim


def phases(story: Sequence[Claim]) -> tuple[Phase, ...]:
    """Group claims in time order by tactic: what serves none goes on with the phase it stands in."""
    found: list[tuple[str, list[Claim]]] = []
    for claim in story:
        if not found or (claim.tactic and claim.tactic != found[-1][0]):
            found.append((claim.tactic, []))
        found[-1][1].append(claim)
    return tuple(Phase(name, tuple(claims)) for name, claims in found)


def opening(trace: Trace) -> tuple[Opening, ...]:
    """Choose up to three claims that say what happened: the entry, the step furthest in between, and the effect, in time order."""
    if not trace.story:
        return ()
    first = _entry(trace)
    later = trace.story[trace.story.index(first) + 1 :]
    effect = max(later, key=_reach, default=None)
    between = later[: later.index(effect)] if effect else ()
    steps = [claim for claim in between if claim.tactic and effect and claim.tactic != effect.tactic]
    step = max(steps or between, key=_reach, default=None)
    chosen = (("report.opening.entry", first), ("report.opening.step", step), ("report.opening.effect", effect))
    return tuple(Opening(Note(code=code, arguments={"time": moment(claim.time)}), claim) for code, claim in chosen if claim)


def _entry(trace: Trace) -> Claim:
    """Give the first claim about the entry; the first of all if none is about it."""
    about = {key for edge in trace.edges if trace.entry in {edge.source, edge.target} for key in edge.evidence}
    return next((claim for claim in trace.story if any(item.event_id in about for item in claim.evidence)), trace.story[0])


def _reach(claim: Claim) -> tuple[int, int, float]:
    """Order claims by how far their tactic stands in the usual order, then by how much they tell of, then by time."""
    count = claim.arguments.get("count", "1").rstrip("+")
    order = TACTICS.index(tactic(claim.tactic)) if tactic(claim.tactic) in TACTICS else -1
    return order, int(count) if count.isdecimal() else 1, claim.time.timestamp() if claim.time else 0.0
