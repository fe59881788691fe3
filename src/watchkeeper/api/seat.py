"""A seat at the desk: who asks, and the state of the tenant that it is about. Owns what a refusal becomes, paging, and filters by query."""

import inspect
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, NamedTuple, TypeVar

from fastapi import Depends, HTTPException, Path, Query
from pydantic import ValidationError

from watchkeeper.api.guard import allowed
from watchkeeper.api.platform import Platform, The
from watchkeeper.autopilot.action_desk import ActionDesk
from watchkeeper.autopilot.desk import Desk
from watchkeeper.autopilot.edits import Who
from watchkeeper.autopilot.people import COMMAND_LINE
from watchkeeper.autopilot.policy_desk import PolicyDesk
from watchkeeper.brain.ethics.ledger import Ledger
from watchkeeper.model.language import Language
from watchkeeper.model.missing import MissingError
from watchkeeper.model.noun import Noun
from watchkeeper.model.page import LONGEST_CURSOR, MOST, USUAL
from watchkeeper.model.principal import DEFAULT_TENANT, EVERY_TENANT, Principal, Role, Scope
from watchkeeper.model.problem import Problem
from watchkeeper.notify.routes import FILE as ROUTES
from watchkeeper.notify.routes import read_routes

Filter = TypeVar("Filter", bound=Noun)
Responses = dict[int | str, dict[str, Any]]
_RETRY = {"Retry-After": "5"}
_MOST_WHY = 900

REFUSALS: Responses = {
    400: {"model": Problem, "description": "It cannot be done as it is asked."},
    401: {"model": Problem, "description": "Nobody is signed in, or the token does not hold."},
    403: {"model": Problem, "description": "The role or the scope does not suffice, or the tenant is another's."},
    404: {"model": Problem, "description": "It is not there, or more than one thing is called so."},
    413: {"model": Problem, "description": "It is larger than is taken."},
    429: {"model": Problem, "description": "Too much was asked at once; `Retry-After` says when to ask again."},
    503: {"model": Problem, "description": "What it needs does not answer; `Retry-After` says when to ask again."},
}
"""How any route may refuse."""


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody who was let in, at the state of a tenant."""

    who: Principal
    desk: Desk
    the: Platform

    @property
    def now(self) -> datetime:
        """The time, UTC."""
        return self.the.clock()

    @property
    def ledger(self) -> Ledger:
        """What is kept of the tenant's actions."""
        return self.desk.store.ledger(self.the.people.audit)

    @property
    def actions(self) -> ActionDesk:
        """What can be done with the tenant's actions."""
        return self.the.action_desk(self.desk.store)

    @property
    def policy(self) -> PolicyDesk:
        """What can be done with what is allowed in the tenant."""
        return PolicyDesk(self.desk.store, self.the.people, self.actions.about, lambda: read_routes(self.the.state / ROUTES))

    def acts(self, why: str) -> Who:
        """Say who acts, why and when."""
        return Who(self.who.name, why, self.now)

    def answers(self, why: str) -> Who:
        """Say who answers for what is asked: who signed in, or who made the token, so that nobody approves what their own token wants."""
        who = self.who
        if not who.token:
            return self.acts(why)
        by = f"token {who.token}" if who.made_by in {"", COMMAND_LINE.name} else who.made_by
        return Who(by, f"{why[:_MOST_WHY]} (API token {who.token})".strip(), self.now)


def seat(role: Role, scope: Scope | None = None, *, every: bool = False, person: bool = False) -> Callable[..., Generator[Seat]]:
    """Give the dependency of a route that needs a role: it yields a seat, and says what is refused at it.

    Where `every` lets `*` stand for all tenants, the seat is at the default one's state then.
    """

    def take(who: Annotated[Principal, Depends(allowed(role, scope, every=every, person=person))], the: The) -> Generator[Seat]:
        tenant = DEFAULT_TENANT if who.tenant == EVERY_TENANT else who.tenant
        try:
            yield Seat(who, Desk(the.stores(tenant), the.state, options=the.options), the)
        except MissingError as error:
            raise HTTPException(404, str(error)) from error
        except ValidationError:
            raise
        except ValueError as error:
            raise HTTPException(400, str(error)) from error
        except FileNotFoundError as error:
            raise HTTPException(404, str(error)) from error
        except (TimeoutError, ConnectionError) as error:
            raise HTTPException(503, str(error), _RETRY) from error

    return take


Viewing = Annotated[Seat, Depends(seat("viewer"))]
Judging = Annotated[Seat, Depends(seat("analyst"))]
Hunting = Annotated[Seat, Depends(seat("analyst", "read"))]
Administering = Annotated[Seat, Depends(seat("admin"))]
Responding = Annotated[Seat, Depends(seat("responder"))]
Answering = Annotated[Seat, Depends(seat("responder", person=True))]
"""A person who may act; no token says yes or no in their place."""
Deciding = Annotated[Seat, Depends(seat("admin", person=True))]
"""A person who decides what may be done."""


class Paging(NamedTuple):
    """Which part of a list is wanted."""

    after: Annotated[str, Query(max_length=LONGEST_CURSOR, description="`next` of the page before; empty for the first.")] = ""
    limit: Annotated[int, Query(ge=1, le=MOST, description="Items on a page at most.")] = USUAL


Paged = Annotated[Paging, Depends(Paging)]
Called = Annotated[
    str,
    Path(max_length=128, pattern=r"^[0-9A-Za-z][0-9A-Za-z._:-]*$", description="Its id, or its first characters.", examples=["8bce"]),
]
Lang = Annotated[Language, Query(description="Language of sentences.")]


def filled(noun: type[Filter]) -> Callable[..., Filter]:
    """Give a dependency that takes the fields of a noun as parameters of the query."""

    def fill(**given: object) -> Filter:
        return noun.model_validate(given)

    parameters = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=field.default,
            annotation=Annotated[field.annotation, *field.metadata, Query(description=field.description)],
        )
        for name, field in noun.model_fields.items()
    ]
    fill.__signature__ = inspect.Signature(parameters)  # pyright: ignore[reportFunctionMemberAccess] -- what FastAPI reads
    return fill
