"""Actions and policy as people see them: what a list gives, and one action or the policy with all that belongs to it. Owns the shapes."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from watchkeeper.model.audit import AuditEntry
from watchkeeper.model.entity import Entity
from watchkeeper.model.noun import Noun
from watchkeeper.model.policy import Brake, LevelSet, PolicyChange
from watchkeeper.model.proposal import MOST_TARGETS, ActionRecord, Approval

MOST_SHOWN = 200
"""Targets of one action that an answer holds, the first; it says how many there are."""
ActionShow = Literal["in-force", "waiting", "all"]
"""Which actions a list gives: of which something is or may be in force; which wait for people or are about to run; every one."""


class ActionAsked(Noun):
    """An action that a person asks for."""

    action: Annotated[str, Field(examples=["block_address"])]
    """Name in the catalogue."""
    targets: Annotated[tuple[Entity, ...], Field(max_length=MOST_TARGETS)] = ()
    """What it acts on; empty: what stands on the list."""
    verified_list: str = ""
    """Name of a list of indicators that came in a signed bundle: everything on it is acted on as one. Empty: the targets are."""
    arguments: dict[str, str] = Field(default_factory=dict)
    """What else it needs, such as a host."""
    incident: str = ""
    """Id of the incident that it is for, or its first characters; its events are the evidence. Empty: none."""
    blast_radius: Annotated[int, Field(ge=0)] | None = None
    """How many hosts, users or services feel it, as the person says; none: unknown."""
    expiry_seconds: Annotated[int, Field(ge=1)] | None = None
    """After how long it ends by itself, seconds; none: as the catalogue says."""
    wave: Annotated[int, Field(ge=0)] = 0
    """Which time it is asked for: another number asks for the same again after it ended."""

    @model_validator(mode="after")
    def _acts_on_something(self) -> Self:
        if bool(self.targets) == bool(self.verified_list):
            raise ValueError("it acts on targets or on a list: name the one or the other")
        return self


class ActionStands(Noun):
    """An action as it stands; of very many targets the first may stand for all."""

    id: str
    """Id of the action."""
    digest: str
    """Digest of the whole proposal as it stands: who answers answers this."""
    count: int
    """How many things it acts on."""
    record: ActionRecord
    """What was asked for, the ruling, what was seen of its effect, and what became of it."""

    @classmethod
    def of(cls, record: ActionRecord) -> "ActionStands":
        """Give a whole record as it stands."""
        return ActionStands(id=record.id, digest=record.proposal.digest, count=len(record.proposal.targets), record=record)

    def cut(self, most: int = MOST_SHOWN) -> Self:
        """Give it with the first targets alone, if there are more; `count` and `digest` stay those of the whole."""
        proposal = self.record.proposal
        if len(proposal.targets) <= most:
            return self
        first = proposal.model_copy(update={"targets": proposal.targets[:most]})
        return self.model_copy(update={"record": self.record.model_copy(update={"proposal": first})})


class ActionSeen(ActionStands):
    """One action with everything that belongs to it."""

    approvals: tuple[Approval, ...]
    """What people said of it, in the order they said it."""
    entries: tuple[AuditEntry, ...]
    """What the audit log tells of it, the oldest first."""


class PolicySeen(Noun):
    """The policy in force, what was asked for beside it, and the brakes."""

    policy: dict[str, Any]
    """The whole policy in force."""
    change: str
    """Id of the change that brought it; empty for the one that ships."""
    changes: tuple[PolicyChange, ...]
    """Every change and promotion that was asked for, in order."""
    levels: tuple[LevelSet, ...]
    """Every promotion and demotion, in order."""
    brakes: tuple[Brake, ...]
    """The brakes that were set or released, the one for all tenants first."""
