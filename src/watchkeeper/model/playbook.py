"""Playbook: what to do for one kind of incident, as a graph of named steps. Owns the shapes; `autopilot.playbooks` reads and walks them."""

import hashlib
import json
from typing import Annotated, Literal

from pydantic import Discriminator, Field, StringConstraints, Tag

from watchkeeper.model.asset_role import AssetRole
from watchkeeper.model.condition import ALWAYS, Condition, StepName
from watchkeeper.model.entity import Entity
from watchkeeper.model.note import Note
from watchkeeper.model.noun import Noun
from watchkeeper.model.said import Said

PlaybookName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,60}$")]
ActionName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,60}$")]
Party = Annotated[str, StringConstraints(pattern=r"^(owner|role:(viewer|analyst|responder|admin)|person:[a-z0-9][a-z0-9._@-]{0,63})$")]
"""Whom a step turns to: the owner of the hosts concerned, whoever has a role in the tenant, or one person by login."""
MOST_STEPS = 200
"""Steps of one playbook."""
_DAY = 86_400
_Seconds = Annotated[int, Field(ge=1, le=30 * _DAY)]


def _worded(value: object) -> str:
    return "note" if isinstance(value, Note) or (isinstance(value, dict) and "code" in value) else "said"


Words = Annotated[Annotated[Note, Tag("note")] | Annotated[Said, Tag("said")], Discriminator(_worded)]
"""A text for people: by its code in the lexicon, or as its author wrote it."""


class Targets(Noun):
    """What an action acts on: what the plan of the incident suggests for it, or what is named here."""

    named: Annotated[tuple[Entity, ...], Field(max_length=100)] = ()
    """These things; empty: what the plan suggests."""
    roles: Annotated[tuple[AssetRole, ...], Field(max_length=50)] = ()
    """Only hosts, or what is on hosts, with one of these roles, `unknown` where nobody said; empty: with any."""
    not_roles: Annotated[tuple[AssetRole, ...], Field(max_length=50)] = ()
    """None of these roles."""
    protected: bool | None = None
    """Only what is protected, or only what is not; none takes both."""
    most: Annotated[int, Field(ge=1, le=100)] = 20
    """How many at most, in the order of the plan; those beyond are said to be left out."""


class Wanted(Noun):
    """An action of the catalogue that a step asks for; whether it may be done, ethics decides each time."""

    action: ActionName
    """Name in the catalogue."""
    targets: Targets = Targets()
    """What it acts on."""
    expiry_seconds: _Seconds | None = None
    """After how long it ends by itself; none takes what the catalogue says."""


class Act(Noun):
    """Ask for actions, and go on when each of them was seen to work or came to nothing."""

    kind: Literal["act"]
    """Says that it is this one."""
    actions: Annotated[tuple[Wanted, ...], Field(min_length=1, max_length=20)]
    """What is asked for, all at the same time."""
    next: StepName
    """What comes when all of it works, or there was nothing to act on."""
    on_refused: StepName | None = None
    """What comes if one was refused or denied, or nobody agreed in time; none goes on as usual."""
    on_ineffective: StepName | None = None
    """What comes if one has no effect or could not be done, or is not settled in time; none goes on as usual."""
    within_seconds: _Seconds = _DAY
    """How long it may take until all is settled."""


class Choice(Noun):
    """One answer to a question."""

    name: StepName
    """What it is called by."""
    said: Words
    """What people read."""
    then: StepName | None = None
    """The first step of the way that is gone then, before what comes in any case; none goes on at once."""


class Ask(Noun):
    """Ask people something, and go on with their answer, or with the default when nobody answered in time."""

    kind: Literal["ask"]
    """Says that it is this one."""
    to: Party
    """Who is asked; whoever may act in the tenant can answer."""
    question: Words
    """What they are asked."""
    choices: Annotated[tuple[Choice, ...], Field(min_length=2, max_length=8)]
    """What they can answer."""
    default: StepName
    """Name of the choice that is taken if nobody answered in time: the one that changes least."""
    within_seconds: _Seconds
    """How long they have."""
    next: StepName
    """What comes when the way of the choice has ended."""


class Assign(Noun):
    """Give the incident to somebody."""

    kind: Literal["assign"]
    """Says that it is this one."""
    to: Party
    """Whose it is from then on, unless somebody has it already."""
    next: StepName
    """What comes then."""


class Wait(Noun):
    """Wait for a time, or until something holds but no longer than that."""

    kind: Literal["wait"]
    """Says that it is this one."""
    seconds: _Seconds
    """How long, at most."""
    until: Condition | None = None
    """What it waits for; none waits for the time alone."""
    next: StepName
    """What comes then."""
    on_lapsed: StepName | None = None
    """What comes if it did not hold in time; none goes on as usual."""


class Tell(Noun):
    """Tell people something by the platform's routes."""

    kind: Literal["tell"]
    """Says that it is this one."""
    say: Words
    """What they are told."""
    route: Annotated[str, StringConstraints(max_length=100)] = ""
    """Name of the route; empty: every one that is for such incidents."""
    next: StepName
    """What comes then."""


class Escalate(Noun):
    """Hand the incident on to somebody who may decide more, and tell them why."""

    kind: Literal["escalate"]
    """Says that it is this one."""
    to: Party
    """Who has to look at it now."""
    say: Words
    """Why."""
    next: StepName
    """What comes then."""


class Decide(Noun):
    """Go one way or the other; each ends with a step of kind `end`, and it goes on then."""

    kind: Literal["decide"]
    """Says that it is this one."""
    when: Condition
    """What decides."""
    then: StepName | None = None
    """The first step of the way if it holds; none goes on at once."""
    otherwise: StepName | None = None
    """The first step of the way if it does not; none goes on at once."""
    next: StepName
    """What comes when the way has ended."""


class Parallel(Noun):
    """Go several ways at the same time; each ends with a step of kind `end`, and it goes on when all have."""

    kind: Literal["parallel"]
    """Says that it is this one."""
    branches: Annotated[tuple[StepName, ...], Field(min_length=2, max_length=10)]
    """The first step of each."""
    next: StepName
    """What comes when all have ended."""


class Repeat(Noun):
    """Go the same way again while something holds, a number of times at most; the way ends with a step of kind `end`."""

    kind: Literal["repeat"]
    """Says that it is this one."""
    when: Condition
    """It is gone again while this holds, which is looked at before each time."""
    body: StepName
    """The first step of the way."""
    most: Annotated[int, Field(ge=1, le=100)]
    """How many times at most."""
    next: StepName
    """What comes when it does not hold any more, or it was gone often enough."""


class End(Noun):
    """The way ends here; if it is within a step, that one goes on."""

    kind: Literal["end"]
    """Says that it is this one."""


Step = Annotated[Act | Ask | Assign | Wait | Tell | Escalate | Decide | Parallel | Repeat | End, Discriminator("kind")]
"""A step of whichever kind."""
Inside = Ask | Decide | Parallel | Repeat
"""Steps that have ways within them: each way ends by itself, and nothing leads out of it or into it."""
Outside = Act | Ask | Assign | Wait | Tell | Escalate
"""Steps that need the world: somebody has to do them and say what became of it."""


class Playbook(Noun):
    """What to do for one kind of incident."""

    name: PlaybookName
    """What it is called; its file's name without the ending."""
    title: Words
    """What it is for, in a few words."""
    wanted: Condition = Field(ALWAYS, alias="for")
    """Which incidents it is for: of those that fit, the one with the highest priority is taken."""
    priority: Annotated[int, Field(ge=0, le=1_000)] = 100
    """The higher, the sooner it is taken; of equals the first by name."""
    start: StepName
    """Name of the first step."""
    steps: Annotated[dict[StepName, Step], Field(min_length=1, max_length=MOST_STEPS)]
    """Every step by its name."""

    @property
    def version(self) -> str:
        """SHA-256 of everything it says, 16 hex digits: a position belongs to one version."""
        told = json.dumps(self.model_dump(mode="json", by_alias=True), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(told.encode()).hexdigest()[:16]
