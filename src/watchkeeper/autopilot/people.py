"""Users and API tokens: made, changed and ended. Owns who may grant what; how they are kept stands in the store."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from watchkeeper.access.passwords import checked_password, hash_password, new_password
from watchkeeper.access.tokens import digest, new_id, new_secret
from watchkeeper.model.audit import Happened
from watchkeeper.model.missing import MissingError
from watchkeeper.model.principal import EVERY_TENANT, ROLES, Principal, Role, Scope
from watchkeeper.model.token import ApiToken
from watchkeeper.model.user import LOGIN, User
from watchkeeper.store.database import checked_tenant
from watchkeeper.store.people import People

FIRST = "admin"
COMMAND_LINE = Principal(name="command line", roles=((EVERY_TENANT, "admin"),), tenant=EVERY_TENANT)
"""Whoever can run commands over the state folder may do everything that can be done with it."""
MOST_DAYS = 3_660


def first_admin(people: People, now: datetime) -> str | None:
    """Make the first user, `admin` of every tenant, and give its password, which is kept nowhere in clear; none if there is any user.

    Two processes that start at once make one: the other is told that there is a user already.

    Raises:
        ValueError: another process made it at the same moment.
    """
    if people.count_users():
        return None
    password = new_password()
    user = User(login=FIRST, roles=((EVERY_TENANT, "admin"),), made=now, made_by="first start", password_since=now)
    happened = Happened(time=now, tenant=EVERY_TENANT, who="first start", what="user added", on=FIRST, note=told_roles(user.roles))
    people.add_user(user, hash_password(password), happened, first=True)
    return password


def add_user(people: People, login: str, password: str, roles: Sequence[tuple[str, Role]], who: Principal, now: datetime) -> User:
    """Add a user.

    Raises:
        ValueError: the login, password or a tenant is none that can be, or there is such a user already.
        PermissionError: whoever asks is no admin where the user would have a role.
    """
    if not roles:
        raise ValueError("a user needs a role in a tenant; without one they may do nothing")
    if not re.fullmatch(LOGIN, login):
        raise ValueError(f"login {login[:80]!r} cannot be; use up to 64 small letters, digits, `.`, `_`, `@` and `-`")
    for tenant, _ in roles:
        _granted(who, tenant)
    user = User(login=login, roles=tuple(roles), made=now, made_by=who.name, password_since=now)
    checked_password(password, login)
    people.add_user(user, hash_password(password), Happened.by(who, now, "user added", login, told_roles(user.roles)))
    return user


def acting_person(people: People, login: str, role: Role, tenant: str) -> User:
    """Give the user who a command says decides, if they may: what people decide is decided by somebody who is known.

    Raises:
        MissingError: there is no such user.
        PermissionError: they may not sign in, or have not that role there.
    """
    user = next((one for one in people.users() if one.login == login), None)
    if user is None:
        raise MissingError(f"there is no user {login[:80]!r} who could decide; name one with --by, or add one: `watchkeeper users add`")
    if user.disabled is not None:
        raise PermissionError(f"user {login!r} is disabled and decides nothing; `watchkeeper users disable --again` takes that back")
    if not Principal(name=login, roles=user.roles).may(role, tenant):
        raise PermissionError(f"user {login!r} is no {role} of tenant {tenant!r}; `watchkeeper users role` makes them one")
    return user


def set_role(people: People, login: str, role: Role | None, who: Principal, now: datetime) -> User:
    """Give a user a role in the tenant that is asked about, or take it away.

    Raises:
        LookupError: there is no such user, or none that whoever asks can know of.
        PermissionError: they are no admin there.
        ValueError: it is their own role, which somebody else has to change.
    """
    _granted(who, who.tenant)
    user = known_user(people, login, who)
    if user.login == who.name and not who.token:
        raise ValueError("somebody else has to change your own role, so that there is always an admin")
    roles = tuple((tenant, held) for tenant, held in user.roles if tenant != who.tenant)
    changed = user.model_copy(update={"roles": (*roles, (who.tenant, role)) if role else roles})
    people.keep_user(changed, Happened.by(who, now, "role changed", login, f"{told_roles(user.roles)} -> {told_roles(changed.roles)}"))
    return changed


def set_disabled(people: People, login: str, who: Principal, now: datetime, *, disabled: bool) -> User:
    """Say that a user may not sign in any more, or may again; sessions end at once.

    Raises:
        LookupError: there is no such user, or none that whoever asks can know of.
        PermissionError: they do not decide about all that the user may do.
        ValueError: it is themselves.
    """
    user = _managed(people, login, who)
    if user.login == who.name and not who.token:
        raise ValueError("somebody else has to disable you, so that there is always an admin")
    changed = user.model_copy(update={"disabled": now if disabled else None})
    people.keep_user(changed, Happened.by(who, now, "user disabled" if disabled else "user enabled", login))
    return changed


def set_password(people: People, login: str, password: str, who: Principal, now: datetime) -> None:
    """Give a user another password; all of their sessions end.

    Raises:
        LookupError: there is no such user, or none that whoever asks can know of.
        PermissionError: they do not decide about all that the user may do.
        ValueError: the password is too easily guessed.
    """
    _managed(people, login, who)
    checked_password(password, login)
    people.keep_password(login, hash_password(password), Happened.by(who, now, "password set", login))


def drop_second_factor(people: People, login: str, who: Principal, now: datetime) -> None:
    """Take away a user's second factor, for who lost it; all else stays.

    Raises:
        LookupError: there is no such user, or none that whoever asks can know of.
        PermissionError: they do not decide about all that the user may do.
    """
    _managed(people, login, who)
    people.keep_factor(login, "", 0, (), Happened.by(who, now, "second factor removed", login))


def make_token(
    people: People, name: str, rights: tuple[Role, Sequence[Scope]], days: int | None, who: Principal, now: datetime
) -> tuple[ApiToken, str]:
    """Make an API token for the tenant that is asked about; give it and its secret, which nobody can be shown again.

    Args:
        people: where it is kept.
        name: what it is for.
        rights: its role and scopes.
        days: how long it holds; none for ever.
        who: who asks.
        now: the time, UTC.

    Raises:
        ValueError: the name is empty, or the days are none that can be.
        PermissionError: whoever asks is no admin there, or their token has not all of these scopes itself.
    """
    _granted(who, who.tenant)
    role, scopes = rights
    if missing := [scope for scope in scopes if scope not in who.scopes]:
        raise PermissionError(f"a token cannot give the scope {missing[0]!r}, which it has not itself")
    if not (name.strip() and name.isprintable() and len(name) <= 100):
        raise ValueError("a token needs a name that says what it is for, of up to 100 characters")
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise ValueError(f"a token holds 1 to {MOST_DAYS} days, not {days}")
    expires = None if days is None else now + timedelta(days=days)
    token = ApiToken(
        id=new_id(), name=name.strip(), tenant=who.tenant, role=role, scopes=tuple(scopes), made=now, made_by=who.name, expires=expires
    )
    secret = new_secret("wka")
    told = f"{token.name}: {role}, {' '.join(token.scopes)}, until {expires.date() if expires else 'revoked'}"
    people.add_token(token, digest(secret), Happened.by(who, now, "token made", token.id, told))
    return token, secret


def revoke_token(people: People, token_id: str, who: Principal, now: datetime) -> ApiToken:
    """End an API token now.

    Raises:
        LookupError: there is none of that id in the tenant that is asked about.
        PermissionError: whoever asks is no admin there.
    """
    _granted(who, who.tenant)
    found = next((one for one in people.tokens(who.tenant) if one.id == token_id), None)
    if found is None:
        raise LookupError(f"there is no token {token_id!r} in this tenant")
    revoked = found.model_copy(update={"revoked": found.revoked or now})
    people.keep_token(revoked, Happened.by(who, now, "token revoked", token_id, found.name))
    return revoked


def known_users(people: People, who: Principal) -> tuple[User, ...]:
    """Give the users with a role in the tenant that is asked about, each with the roles that whoever asks may know of."""
    return tuple(seen for user in people.users() if (seen := _seen(user, who)).roles or who.tenant == EVERY_TENANT)


def known_user(people: People, login: str, who: Principal) -> User:
    """Give a user that whoever asks can know of.

    Raises:
        LookupError: there is none.
    """
    account = people.account(login)
    if account is None or not (who.may("admin", EVERY_TENANT) or _seen(account.user, who).roles):
        raise LookupError(f"there is no user {login!r} here")
    return account.user


def seen_by(user: User, who: Principal) -> User:
    """Give a user with the roles alone that somebody may know of: those in tenants where they are an admin."""
    return user.model_copy(update={"roles": tuple((tenant, role) for tenant, role in user.roles if who.may("admin", tenant))})


def told_roles(roles: Sequence[tuple[str, Role]]) -> str:
    """Give roles in words, as the audit log has them: `acme=viewer *=admin`."""
    return " ".join(f"{tenant}={role}" for tenant, role in roles) or "none"


def _seen(user: User, who: Principal) -> User:
    seen = seen_by(user, who)
    here = [tenant for tenant, _ in seen.roles if who.tenant in {tenant, EVERY_TENANT} or tenant == EVERY_TENANT]
    return seen if here else seen.model_copy(update={"roles": ()})


def _managed(people: People, login: str, who: Principal) -> User:
    user = known_user(people, login, who)
    if not user.may_be_managed_by(who.roles):
        raise PermissionError(f"user {login!r} has roles where you are no admin; an admin of every tenant can do this")
    return user


def _granted(who: Principal, tenant: str) -> None:
    if tenant != EVERY_TENANT:
        checked_tenant(tenant)
    if not who.may(ROLES[-1], tenant):
        raise PermissionError(f"only an admin of tenant {tenant!r} can do this there")
