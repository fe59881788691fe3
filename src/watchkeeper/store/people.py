"""Who may do what, as the database keeps it. Owns queries and transactions; what a password or a token must be stands in `access`."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from watchkeeper.model.principal import EVERY_TENANT
from watchkeeper.model.token import ApiToken
from watchkeeper.store.people_tables import TokenRow
from watchkeeper.store.tables import Table

_USED_AGAIN = timedelta(minutes=1)


class People:
    """Users, API tokens and sessions of every tenant."""

    def __init__(self, engine: Engine) -> None:
        """Make the tables where they are missing."""
        self._engine = engine
        Table.metadata.create_all(engine)

    def close(self) -> None:
        """Give connections back."""
        self._engine.dispose()

    def add_token(self, token: ApiToken, digest: str) -> None:
        """Keep a new API token by its digest."""
        with Session(self._engine) as session, session.begin():
            session.add(TokenRow(id=token.id, tenant=token.tenant, digest=digest, last_used=None, body=token.model_dump_json()))

    def tokens(self, tenant: str = EVERY_TENANT) -> tuple[ApiToken, ...]:
        """Give the API tokens of a tenant, or all, in the order of their ids."""
        with Session(self._engine) as session:
            rows = session.scalars(select(TokenRow).order_by(TokenRow.id))
            return tuple(_token(row) for row in rows if tenant in {EVERY_TENANT, row.tenant})

    def token_of(self, digest: str, now: datetime) -> ApiToken | None:
        """Give the API token of a digest and note that it was used; none if there is none, or it ended."""
        with Session(self._engine) as session:
            row = session.scalar(select(TokenRow).where(TokenRow.digest == digest))
            if row is None or not (token := _token(row)).holds(now):
                return None
            if token.last_used is None or now - token.last_used >= _USED_AGAIN:
                row.last_used = now.replace(second=0, microsecond=0, tzinfo=None)
                session.commit()
            return token


def _token(row: TokenRow) -> ApiToken:
    used = None if row.last_used is None else row.last_used.replace(tzinfo=UTC)
    return ApiToken.model_validate_json(row.body).model_copy(update={"last_used": used})
