"""Signing in: whether login, password and code belong to a user. Owns the comparison, which takes as long whoever is asked about."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from watchkeeper.access.passwords import is_dated, is_password
from watchkeeper.access.second_factor import recovery_of, step_of
from watchkeeper.model.user import Account

Answer = Literal["in", "wrong", "code needed"]


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody shows to be let in."""

    login: str
    password: str = field(repr=False)
    code: str = field(default="", repr=False)
    """Code of the second factor, or a recovery code."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """What came of it."""

    answer: Answer
    step: int | None = None
    """Period whose code was used: no code of it may be used again."""
    recovery: str | None = None
    """Digest of the recovery code that was used: it may not be used again."""
    dated: bool = False
    """Whether the password has to be hashed again, with today's parameters."""


def weigh(shown: Shown, account: Account | None, now: datetime) -> Weighed:
    """Say whether somebody is who they say; no account and a disabled one are never, after the same work."""
    usable = account is not None and account.user.disabled is None
    known = account if usable else None
    right = is_password(shown.password, known.password if known else None)
    if known is None or not right:
        return Weighed("wrong")
    dated = is_dated(known.password)
    if not known.secret:
        return Weighed("in", dated=dated)
    if not shown.code:
        return Weighed("code needed")
    step = step_of(shown.code, known.secret, now, known.step)
    recovery = None if step is not None else recovery_of(shown.code, known.recovery)
    found = step is not None or recovery is not None
    return Weighed("in", step, recovery, dated) if found else Weighed("wrong")
