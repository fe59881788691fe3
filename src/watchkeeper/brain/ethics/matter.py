"""Matter: everything that a ruling looks at, gathered once. Owns the gathering, which believes nothing that a proposal says of itself."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from watchkeeper.brain.ethics.circumstances import Circumstances
from watchkeeper.brain.ethics.ledger import Kept, RecordsWanted
from watchkeeper.brain.ethics.levels import class_level, effective_level, sets_in_force
from watchkeeper.brain.ethics.policy import Policy, in_force
from watchkeeper.brain.ethics.touching import Touched, objects, radius, touched
from watchkeeper.model.autonomy import ActionTraits, Autonomy
from watchkeeper.model.means import Means
from watchkeeper.model.policy import Brake
from watchkeeper.model.proposal import IN_FORCE, LIST, ActionRecord, Begun, Proposal

MOST_RECORDS = 20_000
"""Records of a day that are looked at; where there are as many, nothing more is done that day."""


@dataclass(frozen=True, slots=True)
class Matter:
    """What a ruling looks at."""

    proposal: Proposal
    policy: Policy
    now: datetime
    acting: bool
    """Whether it is about to be done, and not only proposed."""
    traits: ActionTraits | None
    """What the catalogue says of the action; none if it is not in it."""
    means: Means | None
    """How it is carried out; none if there is no place."""
    touched: tuple[Touched, ...]
    """What it acts on."""
    kinds: frozenset[str]
    """Kinds of evidence that its events are, as looked up."""
    level: Autonomy
    """The effective level."""
    radius: int | None
    """How many feel it; none is unknown."""
    objects: int
    """How many objects it acts on."""
    is_listed: bool
    """Whether every target stands on a verified list."""
    brakes: tuple[Brake, ...]
    """Brakes that hold, or hold no more."""
    others: tuple[Begun, ...]
    """Every other action of the tenant that was begun in the last 24 hours."""
    alike: tuple[ActionRecord, ...]
    """Every other record of the same action on some of the same things that is in force, or was denied or taken back lately."""


def gather(kept: Kept, proposal: Proposal, about: Circumstances, *, acting: bool) -> Matter:
    """Gather what a ruling looks at.

    Raises:
        OSError: what was kept cannot be read.
        ValueError: the policy in force cannot be understood.
    """
    now = about.clock()
    policy = in_force(kept, now)
    things = touched(proposal, policy, about.asset_of)
    sets = sets_in_force(kept, now)
    groups = dict.fromkeys(thing.group.name for thing in things)
    classes: list[Autonomy] = [class_level(policy, sets, proposal.action, group, proposal.tenant) for group in groups]
    traits = about.traits_of(proposal.action)
    recent = kept.begun(now - timedelta(days=1), MOST_RECORDS)
    named = proposal.arguments.get(LIST, "")
    return Matter(
        proposal=proposal,
        policy=policy,
        now=now,
        acting=acting,
        traits=traits,
        means=about.means_of(proposal) if traits else None,
        touched=things,
        kinds=frozenset(kind for kind in about.kinds_of(proposal.evidence) if kind and not kind.startswith("model")),
        level=effective_level(policy, classes, proposal, _confidence(proposal, about), now),
        radius=radius(proposal, things),
        objects=objects(proposal),
        is_listed=bool(named) and about.is_listed(named, proposal.targets),
        brakes=kept.brakes(),
        others=tuple(other for other in recent if other.id != proposal.id),
        alike=tuple(_alike(kept, proposal, now - timedelta(hours=policy.approvals.same_again_hours))),
    )


def _alike(kept: Kept, proposal: Proposal, since: datetime) -> Iterator[ActionRecord]:
    same = RecordsWanted(actions=(proposal.action,), touching=proposal.targets, most=MOST_RECORDS)
    yield from (one for one in kept.records(replace(same, states=sorted(IN_FORCE))) if one.id != proposal.id)
    yield from (one for one in kept.records(replace(same, states=("denied", "undone"), changed_since=since)) if one.id != proposal.id)


def _confidence(proposal: Proposal, about: Circumstances) -> float:
    """Give the lower of what the proposal says and what is kept with the incident; what is no probability, or only a model says, is 0."""
    kept = about.confidence_of(proposal.incident) if proposal.incident else None
    if kept is None and proposal.asked_by.startswith("model:"):
        return 0.0
    told = (proposal.confidence, proposal.confidence if kept is None else kept)
    return min(told) if all(0 <= one <= 1 for one in told) else 0.0
