"""Signing in, out, and what people change of their own: password and second factor. Owns the order; each rule stands in `access`."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from watchkeeper.access.lockout import FORGOTTEN_AFTER, counted, delay
from watchkeeper.access.passwords import checked_password, hash_password, is_password
from watchkeeper.access.second_factor import address_of, new_factor, new_recovery_codes, recovery_digest, step_of
from watchkeeper.access.sessions import LONGEST
from watchkeeper.access.sign_in import Answer, Shown, Weighed, weigh
from watchkeeper.access.tokens import digest, new_secret
from watchkeeper.model.audit import Happened
from watchkeeper.model.principal import EVERY_TENANT, Principal
from watchkeeper.model.user import Account, User, Visit
from watchkeeper.store.people import People


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What came of an attempt to sign in."""

    answer: Answer
    user: User | None = None
    secret: str = field(default="", repr=False)
    """Secret of the session that began."""


class WaitError(Exception):
    """Too much failed under this login or from this address; nothing was looked at."""

    def __init__(self, wait: timedelta) -> None:
        """Take how long the next attempt has to wait."""
        super().__init__("too many attempts failed")
        self.seconds = max(1, int(wait.total_seconds()) + 1)


def sign_in(people: People, shown: Shown, address: str, now: datetime) -> SignedIn:
    """Let somebody in who shows what they are known by; it takes as long for whom there is not.

    Raises:
        WaitError: it has to wait.
    """
    account, weighed = _weighed(people, shown, address, now)
    if weighed.answer != "in" or account is None:
        if weighed.answer == "wrong":
            people.audit.record(_told(account, address, now, refused=True))
        return SignedIn(weighed.answer)
    secret = new_secret("wkp")
    login = account.user.login
    if weighed.dated:
        people.rehash(login, account.password, hash_password(shown.password))
    people.drop_ended_visits(now, LONGEST)
    people.begin_visit(digest(secret), Visit(login, now, now, address), _told(account, address, now))
    return SignedIn("in", account.user, secret)


def sign_out(people: People, secret: str, who: Principal, now: datetime) -> None:
    """End a session."""
    people.end_visit(digest(secret), Happened.by(who, now, "sign-out", who.name))


def change_password(people: People, before: str, after: str, who: Principal, now: datetime) -> bool:
    """Give a person the password that they want instead of the one they have; all of their sessions end. Say whether the old one was right.

    Raises:
        WaitError: too much failed.
        ValueError: the new one is too easily guessed.
    """
    checked_password(after, who.name)
    if not _knows_password(people, before, who, now):
        return False
    people.keep_password(who.name, hash_password(after), Happened.by(who, now, "password changed", who.name))
    return True


def offer_factor(people: People, password: str, who: Principal, now: datetime) -> tuple[str, str] | None:
    """Give the secret of a new second factor and its `otpauth:` address, or none if the password is wrong; it counts after a code of it.

    Raises:
        WaitError: too much failed.
    """
    if not _knows_password(people, password, who, now):
        return None
    secret = new_factor()
    people.offer_factor(who.name, secret)
    return secret, address_of(secret, who.name)


def confirm_factor(people: People, code: str, who: Principal, now: datetime) -> tuple[str, ...] | None:
    """Put the second factor that was offered in force and give its recovery codes, which are shown once; none if the code is wrong."""
    secret = people.offered_factor(who.name)
    step = step_of(code, secret, now, 0) if secret else None
    if step is None:
        return None
    codes = new_recovery_codes()
    happened = Happened.by(who, now, "second factor set", who.name)
    people.keep_factor(who.name, secret, step, tuple(recovery_digest(one) for one in codes), happened)
    return codes


def end_factor(people: People, password: str, code: str, who: Principal, now: datetime) -> bool:
    """Take a person's second factor away, who shows password and code once more; say whether both were right.

    Raises:
        WaitError: too much failed.
    """
    _, weighed = _weighed(people, Shown(who.name, password, code), who.address, now)
    if weighed.answer == "in":
        people.keep_factor(who.name, "", 0, (), Happened.by(who, now, "second factor removed", who.name))
    return weighed.answer == "in"


def _weighed(people: People, shown: Shown, address: str, now: datetime) -> tuple[Account | None, Weighed]:
    names = counted(shown.login, address)
    _wait_if_told(people, names, now)
    account = people.account(shown.login)
    weighed = weigh(shown, account, now)
    if weighed.answer == "in" and (weighed.step is not None or weighed.recovery is not None):
        weighed = weighed if people.use_code(shown.login, weighed.step, weighed.recovery) else Weighed("wrong")
    if weighed.answer == "in":
        people.forgive(names, wholly=names[:1])
    elif weighed.answer == "code needed":
        people.forgive(names)
    return account, weighed


def _knows_password(people: People, password: str, who: Principal, now: datetime) -> bool:
    names = counted(who.name, who.address)
    _wait_if_told(people, names, now)
    account = people.account(who.name)
    right = is_password(password, account.password if account else None)
    if right:
        people.forgive(names, wholly=names[:1])
    return right


def _wait_if_told(people: People, names: tuple[str, str], now: datetime) -> None:
    if wait := people.attempt(names, now, delay, FORGOTTEN_AFTER):
        raise WaitError(wait)


def _told(account: Account | None, address: str, now: datetime, *, refused: bool = False) -> Happened:
    """Say who signed in; a login that there is not is not told, as it may be a password typed in the wrong place."""
    login = account.user.login if account else "unknown login"
    outcome = "refused" if refused else "done"
    places = {tenant for tenant, _ in account.user.roles} if account else set[str]()
    tenant = places.pop() if len(places) == 1 else EVERY_TENANT
    return Happened(time=now, tenant=tenant, who=login, address=address, what="sign-in", on=login if account else "", outcome=outcome)
