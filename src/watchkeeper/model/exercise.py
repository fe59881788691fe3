"""Exercise: what a red team declared, what of it was part of an incident, and how each of its steps went. Owns the shapes."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, model_validator

from watchkeeper.model.noun import Noun
from watchkeeper.model.verdict import Decider, Outcome

MOST = 1_000
"""Things of one kind, or steps, that one exercise declares."""
EVERYWHERE = "*"
"""In the place of hosts: all of them are in scope."""
Name = Annotated[str, Field(min_length=1, max_length=200)]
Names = Annotated[tuple[Name, ...], Field(max_length=MOST)]


class Attackers(Noun):
    """Who plays the attackers, and with what. Nothing but what stands here is theirs."""

    addresses: Names = ()
    """Network addresses that they come from or talk to, canonical."""
    hosts: Names = ()
    """Hosts that they work from, lower case without domain: their own, and those that they were given or say they will take."""
    accounts: Names = ()
    """Accounts that they use, lower case; with a domain only where it matters."""
    tools: Names = ()
    """Hashes of their programs, lower case."""


class Window(Noun):
    """A time in which they may attack."""

    since: AwareDatetime
    """When it begins, UTC."""
    until: AwareDatetime
    """When it ends, UTC."""

    @model_validator(mode="after")
    def _in_order(self) -> "Window":
        if self.until <= self.since:
            raise ValueError(f"the window ends at {self.until:%Y-%m-%dT%H:%MZ}, before it begins")
        return self


class PlanStep(Noun):
    """One step of the red team's plan."""

    name: Name
    """What they do, in their words."""
    technique: Annotated[str, Field(pattern=r"^T\d{4}(\.\d{3})?$")]
    """ATT&CK technique."""
    target: Name
    """Host that it acts on, lower case without domain."""
    since: AwareDatetime
    """When it begins, UTC."""
    until: AwareDatetime
    """When it is over, UTC."""


class Exercise(Noun):
    """An exercise as it was declared. It hides nothing and holds nothing back: it only says what was agreed."""

    id: str
    """32 hex digits."""
    name: Name
    """What people call it."""
    attackers: Attackers
    """Who attacks."""
    scope: Annotated[Names, Field(min_length=1)]
    """Hosts that may be attacked, lower case without domain; `*` alone for all."""
    windows: Annotated[tuple[Window, ...], Field(min_length=1, max_length=100)]
    """When."""
    plan: Annotated[tuple[PlanStep, ...], Field(max_length=MOST)] = ()
    """What they said they would do; what is not planned is not scored."""
    made: AwareDatetime
    """When it was declared, UTC."""
    made_by: str
    """Who declared it."""
    why: str = ""
    """Why, in their words."""
    ended: AwareDatetime | None = None
    """When a person ended it, UTC: nothing later is part of it."""
    ended_by: str = ""
    """Who ended it."""

    def runs_at(self, time: AwareDatetime) -> bool:
        """Say whether it was agreed that they attack at a time."""
        open_then = self.ended is None or time < self.ended
        return open_then and any(window.since <= time < window.until for window in self.windows)


Undeclared = Literal["no-time", "window", "scope", "source", "thing", "outside", "unseen"]
"""The signal has no time; is outside every window; on a host that is not in scope; names no declared address or host; names an account that
nobody declared; names an outside address that nobody declared; or the signals were not all to be had."""


class Belonging(Noun):
    """How much of an incident is part of an exercise."""

    incident: str
    """Id of the incident."""
    exercise: str
    """Id of the exercise."""
    name: str
    """What people call it."""
    inside: int
    """How many of its signals are of the exercise."""
    outside: int
    """How many are not; if there is one, the incident is real."""
    why: dict[Undeclared, int]
    """Why those are not, and how many of each."""

    @property
    def wholly(self) -> bool:
        """Say whether it is of the exercise and of nothing else."""
        return self.inside > 0 and self.outside == 0


class StepScore(Noun):
    """How one step of the plan went."""

    number: int
    """Its place in the plan, from 1."""
    step: PlanStep
    """What was planned."""
    signal: str = ""
    """Id of the first signal that saw it; empty if none did."""
    signal_title: str = ""
    """Title of that signal's rule."""
    seen_by: Literal["", "technique", "attacker"] = ""
    """Whether the signal names its technique, or something of the declared attackers'; empty if nothing saw it."""
    seen_after_seconds: float | None = None
    """How long after the step began the signal's event was, seconds."""
    incident: str = ""
    """Id of the incident that such a signal is part of and a person sees; empty if none."""
    verdict: Outcome | None = None
    """What that incident was last held to be; none if nobody judged it."""
    decided_by: Decider | None = None
    """By whom."""
    verdict_right: bool = False
    """Whether it was called an attack; or a person called it authorised."""
    action: str = ""
    """Id of the first action for that incident, against its target or the attackers, that was seen to work; empty if none."""
    action_name: str = ""
    """Its name in the catalogue."""
    blocked_after_seconds: float | None = None
    """How long after the step began it was seen to work, seconds; less than 0: before."""
    told: AwareDatetime | None = None
    """When people were told of that incident, UTC; none if they were not."""

    @property
    def points(self) -> int:
        """One each for: seen, in an incident, verdict right, blocked, reported."""
        return sum((bool(self.signal), bool(self.incident), self.verdict_right, bool(self.action), self.told is not None))


POINTS = 5
"""Most points of a step."""


class Scored(Noun):
    """How an exercise went."""

    exercise: Exercise
    """What was declared."""
    time: AwareDatetime
    """When it was scored, UTC."""
    steps: tuple[StepScore, ...]
    """Every step of the plan, in its order."""
    incidents: tuple[Belonging, ...]
    """Incidents that hold anything of it."""
    titles: dict[str, str]
    """Title of each of these incidents."""
    signals: int
    """Signals in its windows that were looked at."""
    is_cut: bool = False
    """Whether there were more than are looked at."""
    synthetic: bool = False
    """Any of these signals was generated by the built-in range."""

    @property
    def points(self) -> int:
        """Points of all steps."""
        return sum(one.points for one in self.steps)
