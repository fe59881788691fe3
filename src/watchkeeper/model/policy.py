"""Policy: what people, or the system, changed of what is allowed. Owns the shapes; `content/policy.yml` is the policy that ships."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field

from watchkeeper.model.autonomy import Autonomy
from watchkeeper.model.noun import Noun


class LevelSet(Noun):
    """The level of one class of actions on one group of assets from then on."""

    action: str
    """Name in the catalogue; `*` for every one."""
    group: str
    """Group of assets, as the policy names it; `*` for every one."""
    level: Autonomy
    """The level from then on."""
    by: str
    """Login of who promoted it; `system` for a demotion, which people make by the same way."""
    time: AwareDatetime
    """When, UTC."""
    why: Annotated[str, Field(max_length=1_000)]
    """Why: the measured record that the person saw, or what went wrong."""


ChangeState = Literal["asked", "announced", "in-force", "cancelled"]


class PolicyChange(Noun):
    """A change of policy that somebody asked for."""

    id: str
    """32 hex digits."""
    policy: dict[str, Any] = Field(default_factory=dict)
    """The whole policy as it would be; empty where a level is to be raised."""
    level: LevelSet | None = None
    """The level as it would be; none where the policy is to be changed."""
    asked_by: str
    """Login of who asked for it."""
    agreed_by: str = ""
    """Login of who agreed, another person; empty if nobody has yet, or nobody else could."""
    state: ChangeState
    """Waits for a second person; announced, and comes into force by itself; in force; cancelled."""
    made: AwareDatetime
    """When it was asked for, UTC."""
    begins: AwareDatetime | None = None
    """From when it is in force, UTC; none while it waits for a second person."""
    why: Annotated[str, Field(max_length=1_000)] = ""
    """Why, in the person's words."""


class Brake(Noun):
    """What stops every action, whatever else is allowed."""

    scope: str
    """Tenant, or `*` for every one."""
    on: bool
    """Whether it holds."""
    dry_run: bool = False
    """Whether everything is decided and written down as usual, and nothing is done."""
    by: str
    """Login of who set or released it; `system` if it set itself because of a rate."""
    time: AwareDatetime
    """When, UTC."""
    why: Annotated[str, Field(max_length=1_000)] = ""
    """Why, in words."""
