"""`/api/tokens`: API tokens of programs."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from watchkeeper.api.deciding import AdminOfAny, told_plainly
from watchkeeper.api.platform import The
from watchkeeper.autopilot.people import MOST_DAYS, make_token, revoke_token
from watchkeeper.model.noun import Noun
from watchkeeper.model.principal import Role, Scope
from watchkeeper.model.token import ApiToken

router = APIRouter(prefix="/api/tokens", tags=["tokens"])


class NewToken(Noun):
    """A token to make."""

    name: Annotated[str, Field(min_length=1, max_length=100, examples=["nightly export"])]
    """What it is for."""
    role: Role = "viewer"
    """Role that it has in the tenant."""
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1)] = ("read",)
    """What it may be used for."""
    days: Annotated[int, Field(ge=1, le=MOST_DAYS)] | None = 90
    """How long it holds; none for ever."""


class MadeToken(Noun):
    """A token that was made."""

    token: ApiToken
    """What is known of it."""
    secret: str
    """What its program has to send as `Authorization: Bearer`; it is shown this once."""


@router.get("")
def listed(the: The, who: AdminOfAny) -> tuple[ApiToken, ...]:
    """List tokens of the tenant, those that ended among them; with `*`, all."""
    return the.people.tokens(who.tenant)


@router.post("", status_code=201)
def add(the: The, asked: NewToken, who: AdminOfAny) -> MadeToken:
    """Make a token for the tenant; with `*`, for every tenant."""
    with told_plainly():
        token, secret = make_token(the.people, asked.name, (asked.role, asked.scopes), asked.days, who, the.clock())
    return MadeToken(token=token, secret=secret)


@router.delete("/{token_id}")
def revoke(the: The, token_id: str, who: AdminOfAny) -> ApiToken:
    """End a token now."""
    with told_plainly():
        return revoke_token(the.people, token_id, who, the.clock())
