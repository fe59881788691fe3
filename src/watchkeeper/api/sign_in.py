"""`/api/sign-in` and `/api/sign-out`: sessions of people in a browser. Owns the cookie."""

from collections.abc import Generator
from contextlib import contextmanager
from math import ceil
from threading import BoundedSemaphore
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from pydantic import Field

from watchkeeper.access.lockout import network
from watchkeeper.access.passwords import LONGEST as LONGEST_PASSWORD
from watchkeeper.access.sessions import LONGEST, form_token
from watchkeeper.access.sign_in import Shown
from watchkeeper.api.guard import PLAIN_COOKIE, SECURE_COOKIE, address_of, allowed, is_of_this_site, session_secret
from watchkeeper.api.platform import Platform, The
from watchkeeper.autopilot.signing_in import WaitError, sign_in, sign_out
from watchkeeper.model.noun import Noun
from watchkeeper.model.principal import Principal, Role

router = APIRouter(prefix="/api", tags=["signing in"])
_AT_ONCE = BoundedSemaphore(4)
"""Passwords that are looked at or wait for it; more are told to come again, so that they cannot hold up everything else."""

Password = Annotated[str, Field(max_length=LONGEST_PASSWORD)]


class SignIn(Noun):
    """What somebody shows to be let in."""

    login: Annotated[str, Field(max_length=64, examples=["admin"])]
    """Login of the user."""
    password: Password
    """Their password."""
    code: Annotated[str, Field(max_length=64)] = ""
    """Code of the second factor, or a recovery code; empty without one."""


class Session(Noun):
    """A session that began; its secret is in the cookie alone."""

    login: str
    """Who signed in."""
    roles: tuple[tuple[str, Role], ...]
    """Tenant, or `*` for every tenant, and the role held there."""
    form_token: str
    """What to send in the header `X-Watchkeeper-Form` with everything that changes something."""


@contextmanager
def one_of_few() -> Generator[None]:
    """Let few look at passwords at a time, and say how long to wait where an account or address has to.

    Raises:
        HTTPException: 503 if too many do, 429 if too much failed before.
    """
    if not _AT_ONCE.acquire(blocking=False):
        raise HTTPException(503, "too many sign in at this moment; try again", {"Retry-After": "1"})
    try:
        yield
    except WaitError as error:
        raise HTTPException(429, "too many attempts failed; try again later", {"Retry-After": str(error.seconds)}) from error
    finally:
        _AT_ONCE.release()


@router.post("/sign-in")
def begin(request: Request, the: The, asked: SignIn, response: Response) -> Session:
    """Begin a session; what is shown is wrong in one way only, whichever part of it is, except that a code is asked for."""
    _check_often(request)
    if not is_of_this_site(request):
        raise HTTPException(403, "sign in from this site")
    with one_of_few():
        came = sign_in(the.people, Shown(asked.login, asked.password, asked.code), address_of(request), the.clock())
    if came.answer == "code needed":
        raise HTTPException(401, "a code of the second factor is needed", {"WWW-Authenticate": "Code"})
    if came.user is None:
        raise HTTPException(401, "login, password or code is wrong", {"WWW-Authenticate": "Session"})
    name = SECURE_COOKIE if the.secure else PLAIN_COOKIE
    seconds = int(LONGEST.total_seconds())
    response.set_cookie(name, came.secret, max_age=seconds, path="/", secure=the.secure, httponly=True, samesite="strict")
    return Session(login=came.user.login, roles=came.user.roles, form_token=form_token(came.secret))


@router.post("/sign-out", status_code=204)
def end(request: Request, the: The, response: Response, who: Annotated[Principal, Depends(allowed("viewer", person=True))]) -> None:
    """End the session."""
    sign_out(the.people, session_secret(the, request), who, the.clock())
    forget_cookie(the, response)


def forget_cookie(the: Platform, response: Response) -> None:
    """Make the browser forget a session that ended."""
    name = SECURE_COOKIE if the.secure else PLAIN_COOKIE
    response.delete_cookie(name, path="/", secure=the.secure, httponly=True, samesite="strict")


def _check_often(request: Request) -> None:
    if wait := request.app.state.sign_ins.wait(network(address_of(request))):
        raise HTTPException(429, "too many attempts from this address", {"Retry-After": str(ceil(wait))})
