"""Users as the database keeps them. Owns queries; what a password or a code must be stands in `access`."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from watchkeeper.model.audit import Happened
from watchkeeper.model.user import Account, User
from watchkeeper.store.audit import AuditLog
from watchkeeper.store.people_tables import UserRow, VisitRow


class Users:
    """Users; what changes one is in the audit log, or it did not happen."""

    def __init__(self, audit: AuditLog) -> None:
        """Take the log, and with it the database."""
        self.audit = audit
        self.database = audit.database

    def count_users(self) -> int:
        """Give how many users there are, those who may not sign in among them."""
        with self.database.reading(None) as session:
            return session.scalar(select(func.count()).select_from(UserRow)) or 0

    def users(self) -> tuple[User, ...]:
        """Give every user by login."""
        with self.database.reading(None) as session:
            return tuple(User.model_validate_json(body) for body in session.scalars(select(UserRow.body).order_by(UserRow.login)))

    def account(self, login: str) -> Account | None:
        """Give a user with what they are known by; none if there is none of that login."""
        with self.database.reading(None) as session:
            row = session.get(UserRow, login)
        return None if row is None else _account(row)

    def add_user(self, user: User, password: str, happened: Happened, *, first: bool = False) -> None:
        """Keep a new user with the hash of their password.

        Raises:
            ValueError: there is one of that login, or any at all if this is to be the first.
        """
        with self.audit.writing() as session:
            if session.get(UserRow, user.login) is not None:
                raise ValueError(f"there is a user {user.login!r} already")
            if first and session.scalar(select(func.count()).select_from(UserRow)):
                raise ValueError("there are users already")
            session.add(UserRow(login=user.login, password=password, body=user.model_dump_json()))
            self.audit.add(session, happened)

    def keep_user(self, user: User, happened: Happened) -> None:
        """Keep what became of a user; one who may not sign in any more has no sessions either.

        Raises:
            KeyError: there is no such user.
        """
        with self.audit.writing() as session:
            _row(session, user.login).body = user.model_dump_json()
            if user.disabled is not None:
                session.execute(delete(VisitRow).where(VisitRow.login == user.login))
            self.audit.add(session, happened)

    def keep_password(self, login: str, password: str, happened: Happened) -> None:
        """Keep the hash of a user's new password, and end all of their sessions.

        Raises:
            KeyError: there is no such user.
        """
        with self.audit.writing() as session:
            row = _row(session, login)
            row.password = password
            row.body = _changed(row, password_since=happened.time)
            session.execute(delete(VisitRow).where(VisitRow.login == login))
            self.audit.add(session, happened)

    def rehash(self, login: str, before: str, now: str) -> None:
        """Keep another hash of the same password, unless the password was changed meanwhile."""
        with self.database.writing(None) as session:
            row = session.get(UserRow, login)
            if row is not None and row.password == before:
                row.password = now

    def offer_factor(self, login: str, secret: str) -> None:
        """Keep the secret of a second factor until a first code shows that its user has it.

        Raises:
            KeyError: there is no such user.
        """
        with self.database.writing(None) as session:
            _row(session, login).offered = secret

    def offered_factor(self, login: str) -> str:
        """Give the secret that was offered and not confirmed; empty if there is none."""
        with self.database.reading(None) as session:
            row = session.get(UserRow, login)
        return "" if row is None else row.offered

    def keep_factor(self, login: str, secret: str, step: int, recovery: Sequence[str], happened: Happened) -> None:
        """Keep a second factor, or that there is none any more if the secret is empty, with the digests of its recovery codes.

        Raises:
            KeyError: there is no such user.
        """
        with self.audit.writing() as session:
            row = _row(session, login)
            row.factor, row.offered, row.step, row.recovery = secret, "", step, json.dumps(list(recovery))
            row.body = _changed(row, second_factor=bool(secret))
            self.audit.add(session, happened)

    def use_code(self, login: str, step: int | None, recovery: str | None) -> bool:
        """Note that a code was used; say whether it was not before, as only then it counts."""
        with self.database.writing(None) as session:
            row = _row(session, login)
            left: list[str] = json.loads(row.recovery)
            if step is not None and step > row.step:
                row.step = step
                return True
            if recovery is not None and recovery in left:
                row.recovery = json.dumps([one for one in left if one != recovery])
                return True
        return False


def _row(session: Session, login: str) -> UserRow:
    row = session.get(UserRow, login)
    if row is None:
        raise KeyError(login)
    return row


def _changed(row: UserRow, **update: datetime | bool) -> str:
    return User.model_validate_json(row.body).model_copy(update=update).model_dump_json()


def _account(row: UserRow) -> Account:
    return Account(User.model_validate_json(row.body), row.password, row.factor, row.step, tuple(json.loads(row.recovery)))
