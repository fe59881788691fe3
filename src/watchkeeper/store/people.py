"""Who may do what, as the database keeps it: users, sessions, API tokens, and the audit log. Owns API tokens, and opening it all."""

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from watchkeeper.model.audit import Happened
from watchkeeper.model.principal import EVERY_TENANT
from watchkeeper.model.token import ApiToken
from watchkeeper.store.anchor import AnchorFile
from watchkeeper.store.audit import AuditLog
from watchkeeper.store.engine import Database
from watchkeeper.store.people_tables import TokenRow
from watchkeeper.store.visits import Visits

_USED_AGAIN = timedelta(minutes=1)


class People(Visits):
    """Users, their sessions, and API tokens, of every tenant."""

    def add_token(self, token: ApiToken, digest: str, happened: Happened) -> None:
        """Keep a new API token by its digest."""
        with self.audit.writing() as session:
            session.add(TokenRow(tenant=token.tenant, id=token.id, digest=digest, last_used=None, body=token.model_dump_json()))
            self.audit.add(session, happened)

    def tokens(self, tenant: str = EVERY_TENANT) -> tuple[ApiToken, ...]:
        """Give the API tokens of a tenant, or all, in the order of their ids."""
        asked = select(TokenRow).order_by(TokenRow.id)
        with self.database.reading(None if tenant == EVERY_TENANT else tenant) as session:
            return tuple(_token(row) for row in session.scalars(asked))

    def token_of(self, digest: str, now: datetime) -> ApiToken | None:
        """Give the API token of a digest and note that it was used; none if there is none, or it ended."""
        with self.database.reading(None) as session:
            row = session.scalar(select(TokenRow).where(TokenRow.digest == digest))
        if row is None or not (token := _token(row)).holds(now):
            return None
        if token.last_used is None or now - token.last_used >= _USED_AGAIN:
            self._touch_token(digest, now)
        return token

    def keep_token(self, token: ApiToken, happened: Happened) -> None:
        """Keep what became of an API token.

        Raises:
            KeyError: there is none of that id in its tenant.
        """
        with self.audit.writing() as session:
            row = session.get(TokenRow, (token.tenant, token.id))
            if row is None:
                raise KeyError(token.id)
            row.body = token.model_dump_json()
            self.audit.add(session, happened)

    def _touch_token(self, digest: str, now: datetime) -> None:
        with self.database.writing(None) as session:
            row = session.scalar(select(TokenRow).where(TokenRow.digest == digest))
            if row is not None:
                row.last_used = now


def open_people(database: Database, state: Path) -> People:
    """Give who may do what in a database that `open_store` opened, `store.database`; the audit log's head is signed in the state folder."""
    return People(AuditLog(database, AnchorFile(state)))


def _token(row: TokenRow) -> ApiToken:
    return ApiToken.model_validate_json(row.body).model_copy(update={"last_used": row.last_used})
