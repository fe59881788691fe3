"""Policy: how far each class of action may go, on what, when, how much. Owns the shape, reading it strictly, and which is in force."""

import json
from collections.abc import Hashable
from datetime import datetime
from functools import cache, lru_cache
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import Field, ValidationError, model_validator

from watchkeeper.brain.ethics.ledger import Kept
from watchkeeper.content import text
from watchkeeper.model.asset_role import AssetRole
from watchkeeper.model.autonomy import AUTONOMIES, Autonomy
from watchkeeper.model.entity import EntityKind
from watchkeeper.model.hours import Hours
from watchkeeper.model.noun import Noun

FILE = "policy.yml"
EVERY = "*"
"""In the place of an action, group or tenant: all of them."""
_MOST_BYTES = 1 << 20
Names = Annotated[tuple[str, ...], Field(min_length=1, max_length=1_000)]


class Group(Noun):
    """A group of assets: something belongs to the first group of the policy of which any condition holds."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
    """What people call it."""
    roles: tuple[AssetRole, ...] = ()
    """Assets with one of these roles belong to it."""
    names: tuple[str, ...] = ()
    """Things with one of these names, lower case, belong to it, whether they are known as assets or not."""
    criticality: Annotated[int, Field(ge=1, le=5)] | None = None
    """Assets at least so critical belong to it."""
    protected: bool = False
    """Protected assets belong to it."""
    kinds: tuple[EntityKind, ...] = ()
    """The organisation's own things of these kinds belong to it."""
    outside: bool = False
    """What is not the organisation's own belongs to it."""
    rest: bool = False
    """Everything that belongs to no group before it does; the last group has this."""
    most: Autonomy
    """The highest level for it, whatever people promote."""
    approvals: Annotated[int, Field(ge=1, le=2)] = 1
    """How many people have to approve where people have to."""
    felt_by_all: bool = False
    """What is done to one of them is felt by more than anybody can count: the blast radius is unknown."""


class Line(Noun):
    """The level from which some classes of actions start."""

    actions: Names = (EVERY,)
    """Names in the catalogue; `*` is all of them."""
    groups: Names = (EVERY,)
    """Groups of assets; `*` is all of them."""
    tenants: Names = (EVERY,)
    """Tenants; `*` is all of them."""
    level: Autonomy
    """The level, until people promote it or the system demotes itself."""

    def fits(self, action: str, group: str, tenant: str) -> bool:
        """Say whether it speaks of a class of actions in a tenant."""
        asked = ((self.actions, action), (self.groups, group), (self.tenants, tenant))
        return all(EVERY in named or one in named for named, one in asked)


class Cap(Hours):
    """Hours in which no level is higher than one."""

    most: Autonomy
    """The highest level in these hours."""


class Rate(Noun):
    """How many objects may be acted on in a while."""

    hour: Annotated[int, Field(ge=0)]
    """In an hour."""
    day: Annotated[int, Field(ge=0)]
    """In 24 hours."""


class Rates(Noun):
    """How much may be done; what is over it is refused, whoever approved it."""

    total: Rate
    """All actions of a tenant together, but those of verified lists."""
    actions: dict[str, Rate]
    """By name in the catalogue; `*` is for each one that is not named."""
    verified_list: Rate
    """Indicators of lists that came signed by a trusted key, of all actions together."""
    brake_after: Annotated[int, Field(ge=1, le=499)]
    """So many proposals refused within an hour because of a rate pull the brake of the tenant."""


class Approvals(Noun):
    """What people have to say."""

    hours: Annotated[float, Field(gt=0, le=168)]
    """How long they have time, hours; the same holds for how long an allowed action may wait until it is done."""
    on_silence: Literal["nothing"] = "nothing"
    """What happens if nobody answers: nothing is done."""
    one_person_radius: Annotated[int, Field(ge=0)]
    """One person may approve what so many hosts, users or services feel; for more, and for what is unknown, it takes two."""
    one_person_objects: Annotated[int, Field(ge=0)]
    """One person may approve so many objects at once that stand on no verified list; for more it takes two."""
    two_people: tuple[str, ...] = ()
    """Actions, by name in the catalogue, that always take two people where they take any."""
    same_again_hours: Annotated[float, Field(ge=1, le=8_760)]
    """How long what a person denied or took back is not done again without a person, hours."""


class Failed(Noun):
    """What happens when an action was seen not to work."""

    then: Literal["undo", "escalate"]
    """Take it back at once, or leave it to people."""
    actions: dict[str, Literal["undo", "escalate"]] = Field(default_factory=dict)
    """The same for single actions, by name in the catalogue."""


class Policy(Noun):
    """Everything that people decide about what may be done without them."""

    version: Literal[1]
    """Version of this format."""
    levels: Annotated[tuple[Line, ...], Field(min_length=1, max_length=1_000)]
    """From which level each class of actions starts: the first line that fits decides."""
    groups: Annotated[tuple[Group, ...], Field(min_length=1, max_length=200)]
    """Groups of assets, what needs most care first."""
    hours: tuple[Cap, ...] = ()
    """Hours in which levels are lower than otherwise; the lowest counts."""
    confidence: dict[Autonomy, Annotated[float, Field(ge=0, le=1)]]
    """How sure it has to be that the incident is an attack, for each level from L2."""
    radius: dict[Autonomy, Annotated[int, Field(ge=0)]]
    """How many hosts, users or services may feel an action that runs alone, for each level from L2."""
    objects: dict[Autonomy, Annotated[int, Field(ge=0)]]
    """How many objects that stand on no verified list an action that runs alone may have, for each level from L2."""
    rates: Rates
    """How much may be done in a while."""
    approvals: Approvals
    """What people have to say."""
    kinds: Annotated[int, Field(ge=2, le=10)] = 2
    """How many independent kinds of evidence it takes to act alone."""
    failed: Failed
    """What happens when an action was seen not to work."""
    never: tuple[str, ...] = ()
    """Names, addresses and networks that nothing is ever done to, whoever approves."""
    takeover_seconds: Annotated[int, Field(ge=10, le=3_600)] = 120
    """After how long somebody else goes on with what was begun and not ended, seconds; longer than any place takes to answer."""
    announce_hours: Annotated[float, Field(ge=24, le=720)] = 24
    """How long a change by the only administrator there is stands announced before it is in force, hours."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not self.groups[-1].rest or any(group.rest for group in self.groups[:-1]):
            raise ValueError("the last group, and no other, has `rest: true`, so that everything belongs to a group")
        names = [group.name for group in self.groups]
        if twice := next((name for name in names if names.count(name) > 1), ""):
            raise ValueError(f"two groups are called {twice!r}; give one another name")
        for line in self.levels:
            if unknown := next((name for name in line.groups if name not in (EVERY, *names)), ""):
                raise ValueError(f"a level speaks of the group {unknown!r}, which is not there; there are {', '.join(names)}")
        if EVERY not in self.rates.actions:
            raise ValueError("`rates.actions` needs a line for `*`: what holds for actions that it does not name")
        self._ordered()
        return self

    def _ordered(self) -> None:
        named = {"confidence": self.confidence, "radius": self.radius, "objects": self.objects}
        for name, of_levels in named.items():
            if set(of_levels) != set(AUTONOMIES[2:]):
                raise ValueError(f"`{name}` needs a value for each of {', '.join(AUTONOMIES[2:])}, and for no other level")
            values = [of_levels[level] for level in AUTONOMIES[2:]]
            if values != sorted(values):
                raise ValueError(f"`{name}` may not fall from a level to a higher one: {', '.join(map(str, values))}")

    def failed_then(self, action: str) -> Literal["undo", "escalate"]:
        """Say what happens when an action was seen not to work."""
        return self.failed.actions.get(action, self.failed.then)

    def group(self, name: str) -> Group | None:
        """Give the group of that name."""
        return next((group for group in self.groups if group.name == name), None)


def read_policy(body: str, name: str) -> Policy:
    """Read a policy from YAML, strictly: what is unknown, doubled or missing is an error.

    Raises:
        ValueError: it is not what docs/autonomy.md describes; the message names the place in it.
    """
    if len(body) > _MOST_BYTES:
        raise ValueError(f"{name!r} has more than {_MOST_BYTES >> 20} MiB; a policy is a page")
    try:
        found: Any = yaml.load(body, Loader=_Strict)  # noqa: S506 - a safe loader that also refuses doubled keys
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        said = getattr(error, "problem", None) or "it cannot be read"
        raise ValueError(f"{name!r}{f', line {mark.line + 1}' if mark else ''}: {said}") from None
    return checked_policy(found, name)


def checked_policy(found: Any, name: str) -> Policy:
    """Make a policy of what was read.

    Raises:
        ValueError: it is not what docs/autonomy.md describes; the message names the place in it.
    """
    try:
        body = json.dumps(found, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name!r}: {error}; a policy has names and finite numbers only") from None
    try:
        return Policy.model_validate_json(body, strict=True)
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, one['loc'])) or 'the policy'}: {one['msg']}" for one in error.errors()[:3])
        raise ValueError(f"{name!r}: {told}") from None


@cache
def shipped() -> Policy:
    """Give the policy that ships, which holds until people change it."""
    return read_policy(text(FILE), FILE)


def in_force(kept: Kept, now: datetime) -> Policy:
    """Give the policy that is in force.

    Raises:
        OSError: what was kept cannot be read.
        ValueError: the policy that should be in force cannot be understood; nothing may be done by it, or by an older one.
    """
    begun = [change for change in kept.changes() if change.policy and change.state in ("announced", "in-force")]
    held = [change for change in begun if change.begins is not None and change.begins <= now]
    if not held:
        return shipped()
    last = max(enumerate(held), key=lambda pair: (pair[1].begins or now, pair[0]))[1]
    return _kept_policy(json.dumps(last.policy), last.id)


@lru_cache(maxsize=64)
def _kept_policy(body: str, id_: str) -> Policy:
    return checked_policy(json.loads(body), f"change {id_}")


class _Strict(yaml.SafeLoader):
    """YAML in which a key stands once: the second of two would hide the first."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - the base class has it so
        """Make a mapping of a node, whose keys are all different."""
        seen: set[Any] = set()
        for key, _ in node.value:
            named = self.construct_object(key, deep=True)
            if named in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{named!r} stands there twice", key.start_mark)
            seen.add(named)
        return super().construct_mapping(node, deep=deep)
