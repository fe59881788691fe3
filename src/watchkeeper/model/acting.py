"""What people send to decide about actions and policy. Owns the bodies; who may send them is each route's."""

from typing import Annotated, Any

from pydantic import Field

from watchkeeper.model.autonomy import Autonomy
from watchkeeper.model.condition import StepName
from watchkeeper.model.noun import Noun

Why = Annotated[str, Field(min_length=1, max_length=900, examples=["three weeks without a mistake"])]
Digest = Annotated[str, Field(pattern="^[0-9a-f]{0,64}$", examples=["41f0"])]
Name = Annotated[str, Field(min_length=1, max_length=100)]


class Word(Noun):
    """A person's word on an action."""

    agrees: bool
    """Whether it may be done."""
    digest: Digest = ""
    """Digest of what the person saw, or its first characters: it is refused if the action is otherwise now. Empty: as it stands."""
    why: Annotated[str, Field(max_length=900, examples=["seen it in the proxy too"])] = ""
    """Why, in their words."""


class Reason(Noun):
    """Why something is done."""

    why: Why
    """The reason, in the person's words."""


class Promoting(Noun):
    """A higher level that is asked for."""

    action: Annotated[Name, Field(examples=["block_address"])]
    """Name in the catalogue."""
    group: Annotated[Name, Field(examples=["outside"])]
    """Group of assets, as the policy names it."""
    level: Autonomy | None = None
    """The level; none: the next one."""
    why: Why
    """The reason, in the person's words; the measured record is kept with it."""


class Lowering(Noun):
    """A lower level."""

    action: Annotated[Name, Field(examples=["block_address"])]
    """Name in the catalogue, or `*` for every one."""
    group: Annotated[Name, Field(examples=["*"])]
    """Group of assets, or `*` for every one."""
    level: Autonomy
    """The level from now on."""
    why: Why
    """The reason, in the person's words."""


class NewPolicy(Noun):
    """Another policy that is asked for."""

    policy: Annotated[dict[str, Any], Field(examples=[{}])]
    """The whole policy, as `/api/policy` gives it, with what is to be otherwise."""
    why: Why
    """The reason, in the person's words."""


class Reply(Noun):
    """A person's answer to a question."""

    choice: Annotated[StepName, Field(examples=["ours"])]
    """Name of one of its choices."""
    why: Annotated[str, Field(max_length=900)] = ""
    """Why, in the person's words."""
