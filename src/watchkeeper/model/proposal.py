"""Proposal, Approval and ActionRecord: one change that is asked for, who agreed, and what became of it. Owns the shapes and the digest.

An `Action` of a plan is what a trace gives reason for; a proposal is that with everything that has to be the same when it is carried out.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, Field

from watchkeeper.model.autonomy import Ruling
from watchkeeper.model.entity import Entity
from watchkeeper.model.noun import Noun

LIST = "verified_list"
"""Argument that names the list of indicators on which the targets stand."""
LONGEST_SECONDS = 10 * 366 * 86_400
"""Whatever ends by itself does so within ten years."""
MOST_TARGETS = 100_000
"""Targets of one proposal: a list of addresses that is blocked as one action."""
ActionState = Literal[
    "refused",
    "waiting",
    "denied",
    "lapsed",
    "ready",
    "doing",
    "in-force",
    "verified",
    "ineffective",
    "undoing",
    "undone",
    "expired",
    "failed",
]
"""Refused by ethics; waiting for people; denied by one; nobody answered in time; may run; being done (its intent is kept before anything
changes); done and not checked yet; seen to work; seen not to work; being taken back; taken back; ended by itself; could not be done."""
OVER: frozenset[ActionState] = frozenset({"refused", "denied", "lapsed", "undone", "expired", "failed"})
"""Nothing of it is in force, and nothing more happens to it."""
IN_FORCE: frozenset[ActionState] = frozenset({"doing", "in-force", "verified", "ineffective", "undoing"})
"""Something of it is, or may be, in force."""
ApprovalWay = Literal["cli", "api", "link"]


class Proposal(Noun):
    """One change that is asked for; whatever of it is otherwise makes it another one."""

    tenant: str
    """Tenant whose things it acts on."""
    incident: str
    """Id of the incident that it is for; empty if a person asked for it without one."""
    action: str
    """Name in the catalogue."""
    targets: Annotated[tuple[Entity, ...], Field(min_length=1, max_length=MOST_TARGETS)]
    """What it acts on: one thing, or many things of one kind as one action."""
    arguments: dict[str, str] = Field(default_factory=dict)
    """What else the action needs, such as a host and a process id."""
    evidence: tuple[str, ...]
    """Ids of the events that it rests on."""
    kinds: tuple[str, ...]
    """Independent kinds of evidence it rests on, such as `windows/Sysmon` and `intel`; text that a model wrote is none."""
    confidence: Annotated[float, Field(allow_inf_nan=False)]
    """Probability that the incident is an attack, 0 to 1; 0 if nobody judged it."""
    blast_radius: int | None
    """How many hosts, users or services feel it; none means unknown and counts as everything."""
    undoable: bool
    """Whether it can be taken back."""
    expiry_seconds: Annotated[int, Field(ge=0, le=LONGEST_SECONDS)] | None
    """After how long it ends by itself, seconds from when it was done; none if it does not."""
    asked_by: str
    """Who asks: `playbook:NAME`, `person:LOGIN`, or `model:NAME`."""
    wave: int = 0
    """Which time it is asked for: 0 at first; another number asks for the same again after it ended."""

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Copy what it says, but not what was computed of it: the copy may say something else."""
        copied = super().model_copy(update=update, deep=deep)
        for name in ("digest", "id"):
            vars(copied).pop(name, None)
        return copied

    @property
    def is_by_hand(self) -> bool:
        """Whether a person asked for it, and no playbook or model."""
        return self.asked_by.startswith("person:")

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything it says, as canonical JSON: 64 hex digits; approvals are bound to it."""
        told = self.model_dump(mode="json")
        return hashlib.sha256(json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")).hexdigest()

    @cached_property
    def id(self) -> str:
        """What it is known by, and what makes it happen at most once: 32 hex digits of what is to be done to what for which incident."""
        named = [self.tenant, self.incident, self.action, sorted(one.model_dump_json() for one in self.targets), self.arguments, self.wave]
        text = json.dumps(named, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.blake2b(text.encode("ascii"), digest_size=16).hexdigest()


class Approval(Noun):
    """The word of one person on one proposal."""

    proposal: str
    """Id of the proposal."""
    digest: str
    """Digest of what the person saw; if the proposal has another one, this says nothing about it."""
    by: str
    """Login of the person."""
    agrees: bool
    """Whether it may be done."""
    way: ApprovalWay
    """How it was said."""
    time: AwareDatetime
    """When, UTC."""
    why: Annotated[str, Field(max_length=1_000)] = ""
    """Why, in the person's words."""


class ActionRecord(Noun):
    """A proposal and everything that became of it."""

    proposal: Proposal
    """What was asked for."""
    state: ActionState
    """How it stands."""
    ruling: Ruling
    """What ethics said of it last."""
    made: AwareDatetime
    """When it was proposed, UTC."""
    changed: AwareDatetime
    """When its state changed last, UTC."""
    deadline: AwareDatetime | None = None
    """Until when people may answer, UTC; then it lapses, and nothing is done."""
    done: AwareDatetime | None = None
    """When it was done, UTC; none if it was not."""
    expires: AwareDatetime | None = None
    """When it ends by itself, UTC; none if it does not."""
    place: str = ""
    """Name of the place, as configured, where it was carried out."""
    reference: str = ""
    """What the place calls it, such as the number of a ticket; empty if nothing."""
    checks: tuple["Seen", ...] = ()
    """What was seen of its effect, the oldest first."""
    said: Annotated[str, Field(max_length=2_000)] = ""
    """What went wrong, or what the place answered."""
    held_by: str = ""
    """Who is at it while it is being done or taken back; empty when nobody is, so that anybody may go on."""
    ended_by: str = ""
    """Who denied it or took it back: `person:LOGIN`, or `system`; empty while nobody has."""
    objects: Annotated[int, Field(ge=0)] = 0
    """How many objects it acts on, as they were counted when it was ruled on; 0 where nobody counted: then it is its targets."""

    @property
    def due(self) -> datetime | None:
        """From when on time asks something of it: that nobody answered, or that it ends; none if nothing."""
        if self.state in ("waiting", "ready"):
            return self.deadline
        return self.expires if self.state in ("in-force", "verified", "ineffective") else None

    @property
    def id(self) -> str:
        """Id of its proposal."""
        return self.proposal.id


@dataclass(frozen=True, slots=True)
class RecordsWanted:
    """Which records are asked for; every condition must hold."""

    states: Sequence[ActionState] = ()
    """How they stand; empty: however."""
    incident: str = ""
    """For this incident; empty: for any."""
    actions: Sequence[str] = ()
    """With these names; empty: with any."""
    done_since: datetime | None = None
    """Done, or begun, at this time or later; what was tried and failed was begun."""
    changed_since: datetime | None = None
    """Whose state changed last at this time or later."""
    changed_by: datetime | None = None
    """Whose state changed last at this time or before."""
    due_by: datetime | None = None
    """Of which time asks something at this time or before."""
    touching: Sequence[Entity] = ()
    """That may act on one of these, however it is written; those that act on a network may act on any. Empty: on anything."""
    after: str = ""
    """Those that follow the record with this id, which the page before ended with; empty: from the newest on."""
    most: int = 500
    """How many at most, the newest first."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What counts of an action that was begun, whatever came of it: bulk ones are large, and this is not."""

    id: str
    """Id of its proposal."""
    action: str
    """Name in the catalogue."""
    time: datetime
    """When it was begun last, or done, UTC."""
    objects: int
    """How many objects it acts on."""
    is_listed: bool
    """Whether its targets stand on a verified list."""


SeenOutcome = Literal["in-force", "not-in-force", "unknown"]


class Seen(Noun):
    """One look at whether an action has its effect."""

    where: Literal["target", "telemetry"]
    """Whether the place was asked, or the record of events."""
    outcome: SeenOutcome
    """Whether the effect is there; unknown if it could not be looked at."""
    time: AwareDatetime
    """When, UTC."""
    said: Annotated[str, Field(max_length=2_000)]
    """What was seen, in plain words."""


class Done(Noun):
    """What a place answered when something was done or taken back there."""

    said: Annotated[str, Field(max_length=2_000)]
    """What it answered, in plain words, without secrets."""
    reference: Annotated[str, Field(max_length=500)] = ""
    """What it calls it."""
