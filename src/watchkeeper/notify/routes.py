"""Routes: `notify.yml`, read and checked, and which of them an incident takes. Owns the format; docs/notify.md describes it."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import Field, ValidationError, model_validator

from watchkeeper.model.hours import Hours
from watchkeeper.model.language import Language
from watchkeeper.model.level import LEVELS, Level
from watchkeeper.model.message import Details, Reason
from watchkeeper.model.noun import Noun
from watchkeeper.model.principal import EVERY_TENANT
from watchkeeper.model.user import LOGIN
from watchkeeper.notify.dingtalk import DingtalkTarget
from watchkeeper.notify.feishu import FeishuTarget
from watchkeeper.notify.mail import MailTarget
from watchkeeper.notify.slack import SlackTarget
from watchkeeper.notify.webhook import WebhookTarget
from watchkeeper.notify.wecom import WecomTarget
from watchkeeper.outbound.exchange import checked_url

FILE = "notify.yml"
"""Name of the file in the state folder."""
_MOST_BYTES = 1 << 20
_MOST_ROUTES = 200
Target = Annotated[MailTarget | WebhookTarget | SlackTarget | FeishuTarget | DingtalkTarget | WecomTarget, Field(discriminator="channel")]
RouteName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]


class Quiet(Hours):
    """Hours in which nobody is disturbed without need."""

    unless: Level = "critical"
    """What is so severe, or more, goes at once all the same."""


class Escalation(Noun):
    """Who is told next if nobody acknowledges."""

    after_minutes: Annotated[int, Field(ge=1, le=10_080)]
    """How long somebody has time to acknowledge."""
    to: RouteName
    """Name of the next route; whether it is quiet there, and what it else asks for, is not looked at."""


class Route(Noun):
    """One way from incidents to people: what goes it, when, and how much it says."""

    name: RouteName
    """What people call it."""
    to: Target
    """The channel and where it leads."""
    level: Level = "medium"
    """Incidents of this severity and above."""
    tenants: Annotated[tuple[str, ...], Field(min_length=1)] = (EVERY_TENANT,)
    """Tenants whose incidents go this way; `*` is all of them."""
    owners: tuple[str, ...] = ()
    """Only incidents on assets of these owners, as assets name them; empty: of any, and of none."""
    reasons: tuple[Reason, ...] = ()
    """Only these kinds of change; empty: all."""
    hours: Hours | None = None
    """Only in these hours; what happens outside of them does not go this way at all."""
    quiet: Quiet | None = None
    """Hours in which messages are held back and then sent as one."""
    escalate: Escalation | None = None
    """Who is told next."""
    only_escalated: bool = False
    """Nothing goes this way but what another route escalates."""
    approver: Annotated[str, Field(pattern=LOGIN)] | None = None
    """Login of the one person whom it leads to: what asks for a decision has that person's own link. None: no such link goes this way."""
    language: Language = "en"
    """Language of its messages."""
    details: Details = "full"
    """`short` names no host, user, rule or reason."""


class Routes(Noun):
    """Everything in `notify.yml`."""

    base_url: str = ""
    """Address of the console that messages link to; empty: no link."""
    routes: Annotated[tuple[Route, ...], Field(max_length=_MOST_ROUTES)] = ()
    """Every route, in the order of the file."""

    @model_validator(mode="after")
    def _whole(self) -> "Routes":
        if self.base_url:
            checked_url(self.base_url)
        names = [route.name for route in self.routes]
        if twice := next((name for name in names if names.count(name) > 1), ""):
            raise ValueError(f"two routes are called {twice!r}; give one another name")
        for route in self.routes:
            if route.escalate and route.escalate.to not in names:
                raise ValueError(
                    f"route {route.name!r} escalates to {route.escalate.to!r}, which is no route; there are {', '.join(names)}"
                )
            if route.name in [next_one.name for _, next_one in self.after(route)]:
                raise ValueError(f"route {route.name!r} escalates to itself in the end; let the last route escalate to nobody")
        return self

    def named(self, name: str) -> Route | None:
        """Give the route of that name."""
        return next((route for route in self.routes if route.name == name), None)

    def after(self, route: Route) -> Iterator[tuple[int, Route]]:
        """Yield the routes that it escalates to one after the other, each with the minutes until then."""
        minutes = 0
        for _ in range(len(self.routes)):
            following = self.named(route.escalate.to) if route.escalate else None
            if route.escalate is None or following is None:
                return
            minutes += route.escalate.after_minutes
            route = following
            yield minutes, route


class Matter(Noun):
    """What routes look at."""

    tenant: str
    """Whose incident it is."""
    level: Level
    """How severe it is."""
    level_before: Level | None
    """How severe it was when people could last hear of it; none if they could not."""
    owners: tuple[str, ...]
    """Owners of the assets concerned."""
    reasons: tuple[Reason, ...]
    """Why it is worth telling."""


def read_routes(path: Path) -> Routes:
    """Read the file; without one there are no routes.

    Raises:
        OSError: it cannot be read.
        ValueError: it is not what docs/notify.md describes; the message names the place in it and no secret.
    """
    if not path.exists():
        return Routes()
    with path.open("rb") as file:
        body = file.read(_MOST_BYTES + 1)
    if len(body) > _MOST_BYTES:
        raise ValueError(f"{path.name!r} has more than {_MOST_BYTES >> 20} MiB; routes are a few lines each")
    try:
        found: Any = yaml.safe_load(body)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise ValueError(f"{path.name!r} is no YAML{f', line {mark.line + 1}' if mark else ''}") from error
    try:
        return Routes.model_validate({} if found is None else found)
    except ValidationError as error:
        said = "; ".join(f"{'.'.join(str(part) for part in one['loc']) or 'the file'}: {one['msg']}" for one in error.errors()[:3])
        raise ValueError(f"{path.name!r}: {said}") from None


def taken(routes: Routes, matter: Matter, now: datetime) -> tuple[Route, ...]:
    """Give the routes that an incident takes now."""
    return tuple(route for route in routes.routes if _fits(route, matter, now))


def _fits(route: Route, matter: Matter, now: datetime) -> bool:
    if route.only_escalated or LEVELS.index(matter.level) < LEVELS.index(route.level):
        return False
    if EVERY_TENANT not in route.tenants and matter.tenant not in route.tenants:
        return False
    owners = {owner.casefold() for owner in matter.owners}
    if route.owners and not owners & {owner.casefold() for owner in route.owners}:
        return False
    if route.hours and not route.hours.covers(now):
        return False
    return bool(reasons_for(route, matter))


def reasons_for(route: Route, matter: Matter) -> tuple[Reason, ...]:
    """Give the reasons that count on a route: that it became more severe only where it was not severe enough before."""
    was_heard = matter.level_before is not None and LEVELS.index(matter.level_before) >= LEVELS.index(route.level)
    reasons: tuple[Reason, ...] = tuple(reason for reason in matter.reasons if not (reason == "severer" and was_heard))
    return tuple(reason for reason in reasons if not route.reasons or reason in route.reasons)
