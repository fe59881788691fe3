"""`/api/me`: who one is here, and what one changes of one's own: password and second factor."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from pydantic import Field

from watchkeeper.access.sessions import form_token
from watchkeeper.api.guard import allowed, session_secret
from watchkeeper.api.platform import The
from watchkeeper.api.sign_in import Password, forget_cookie, one_of_few
from watchkeeper.autopilot.signing_in import change_password, confirm_factor, end_factor, offer_factor
from watchkeeper.model.noun import Noun
from watchkeeper.model.principal import Principal

router = APIRouter(prefix="/api/me", tags=["me"])

Anybody = Annotated[Principal, Depends(allowed("viewer"))]
Person = Annotated[Principal, Depends(allowed("viewer", person=True))]
Code = Annotated[str, Field(max_length=64, examples=["123456"])]


class Me(Principal):
    """Who asks."""

    form_token: str
    """What a browser has to send in the header `X-Watchkeeper-Form` with everything that changes something; empty for a token."""


class PasswordChange(Noun):
    """Another password for oneself."""

    before: Password
    """The one that counts now."""
    after: Password
    """The one that counts then."""


class Shown(Noun):
    """The password once more."""

    password: Password
    """The password."""
    code: Code = ""
    """Code of the second factor, where it is asked for."""


class Offered(Noun):
    """A second factor that counts when a code of it was shown."""

    secret: str
    """Its secret, to type into an authenticator app."""
    address: str
    """The same as an `otpauth:` address, to show as a QR code."""


class Confirmation(Noun):
    """The first code of a second factor."""

    code: Code
    """Six digits."""


class RecoveryCodes(Noun):
    """What helps when the telephone is gone; they are shown once."""

    codes: tuple[str, ...]
    """Each works once in the place of a code."""


@router.get("")
def me(request: Request, the: The, who: Anybody) -> Me:
    """Say who asks, with which roles and scopes, and which tenant is meant when none is named."""
    token = "" if who.token else form_token(session_secret(the, request))
    return Me(**who.model_dump(), form_token=token)


@router.post("/password", status_code=204)
def password(the: The, asked: PasswordChange, response: Response, who: Person) -> None:
    """Change one's own password; every session ends, this one too."""
    with one_of_few():
        try:
            changed = change_password(the.people, asked.before, asked.after, who, the.clock())
        except ValueError as error:
            raise HTTPException(422, str(error)) from error
    if not changed:
        raise _wrong()
    forget_cookie(the, response)


@router.post("/second-factor")
def offer(the: The, asked: Shown, who: Person) -> Offered:
    """Begin a second factor, in the place of the one there may be; it counts when `confirm` was sent a code of it."""
    with one_of_few():
        offered = offer_factor(the.people, asked.password, who, the.clock())
    if offered is None:
        raise _wrong()
    return Offered(secret=offered[0], address=offered[1])


@router.post("/second-factor/confirm")
def confirm(the: The, asked: Confirmation, who: Person) -> RecoveryCodes:
    """Put the second factor in force, and give recovery codes."""
    codes = confirm_factor(the.people, asked.code, who, the.clock())
    if codes is None:
        raise HTTPException(422, "this is no code of the second factor that was offered; is the telephone's clock right?")
    return RecoveryCodes(codes=codes)


@router.post("/second-factor/end", status_code=204)
def end(the: The, asked: Shown, who: Person) -> None:
    """Take one's own second factor away."""
    with one_of_few():
        if not end_factor(the.people, asked.password, asked.code, who, the.clock()):
            raise _wrong()


def _wrong() -> HTTPException:
    return HTTPException(403, "password or code is wrong")
