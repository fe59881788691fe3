"""Senders with the digests of their tokens, tenants, and what people set for a tenant. Owns no token: its digest alone is kept."""

from datetime import UTC, datetime

from sqlalchemy import delete, select, update

from watchkeeper.model.principal import DEFAULT_TENANT
from watchkeeper.model.sender import Sender
from watchkeeper.store.changes import record
from watchkeeper.store.platform_tables import SenderRow, SettingRow, TenantRow
from watchkeeper.store.rows import Rows


class Platform(Rows):
    """Senders, tenants and settings."""

    def keep_sender(self, sender: Sender) -> None:
        """Keep a sender, or what became of it; its token stays.

        Raises:
            ValueError: it is another tenant's, or another sender of the tenant has its name.
        """
        if sender.tenant != self.tenant:
            raise ValueError(f"sender {sender.name!r} is of tenant {sender.tenant!r}, not of {self.tenant!r}")
        with self._writing() as session:
            named = session.scalar(select(SenderRow.id).where(SenderRow.name == sender.name, SenderRow.id != sender.id))
            if named is not None:
                raise ValueError(f"there is a sender {sender.name!r} already; give this one another name")
            row = session.scalar(select(SenderRow).where(SenderRow.id == sender.id)) or SenderRow(tenant=self.tenant, id=sender.id)
            row.name, row.body = sender.name, sender.model_dump_json()
            session.add(row)
            session.flush()
            record(session, self.tenant, "sender", [sender.id])

    def senders(self) -> tuple[Sender, ...]:
        """Give the tenant's senders by name."""
        with self._reading() as session:
            return tuple(Sender.model_validate_json(body) for body in session.scalars(select(SenderRow.body).order_by(SenderRow.name)))

    def drop_sender(self, sender: str) -> bool:
        """Forget a sender and its token; say whether there was one of that id."""
        with self._writing() as session:
            gone = session.execute(delete(SenderRow).where(SenderRow.id == sender).returning(SenderRow.id)).all()
            record(session, self.tenant, "sender", [row.id for row in gone])
        return bool(gone)

    def keep_sender_token(self, sender: str, digest: str | None, expires: datetime | None = None) -> None:
        """Keep the digest of a sender's token in the place of the one before; None takes its token away.

        Raises:
            KeyError: the tenant has no sender of that id.
        """
        with self._writing() as session:
            mine = update(SenderRow).where(SenderRow.id == sender).values(token_digest=digest, token_expires=expires)
            if not session.execute(mine.returning(SenderRow.id)).all():
                raise KeyError(sender)
            session.flush()
            record(session, self.tenant, "sender", [sender])

    def sender_of(self, digest: str, moment: datetime | None = None) -> Sender | None:
        """Give the sender of any tenant that a token's digest belongs to; none if there is none, or it is switched off or expired.

        It looks beyond the tenant: whose a token is follows from the token.
        """
        with self.database.reading(None) as session:
            row = session.scalar(select(SenderRow).where(SenderRow.token_digest == digest))
        if row is None or (row.token_expires is not None and row.token_expires <= (moment or datetime.now(UTC))):
            return None
        sender = Sender.model_validate_json(row.body)
        return sender if sender.on else None

    def token_holders(self) -> dict[str, tuple[Sender, datetime | None]]:
        """Give the senders of all tenants that are switched on, by the digests of their tokens, with when each token ends."""
        with self.database.reading(None) as session:
            rows = session.execute(select(SenderRow.token_digest, SenderRow.token_expires, SenderRow.body))
            held = {digest: (Sender.model_validate_json(body), expires) for digest, expires, body in rows if digest is not None}
        return {digest: (sender, expires) for digest, (sender, expires) in held.items() if sender.on}

    def every_sender(self) -> tuple[Sender, ...]:
        """Give the senders of all tenants, for listeners that know a sender by its address and for what watches over all of them."""
        with self.database.reading(None) as session:
            every = session.scalars(select(SenderRow.body).order_by(SenderRow.tenant, SenderRow.name))
            return tuple(Sender.model_validate_json(body) for body in every)

    def keep_title(self, title: str) -> None:
        """Keep the tenant, with a title for people."""
        with self._writing() as session:
            row = session.scalar(select(TenantRow)) or TenantRow(tenant=self.tenant, made=datetime.now(UTC))
            row.title = title
            session.add(row)
            session.flush()
            record(session, self.tenant, "tenant", [self.tenant])

    def tenants(self) -> dict[str, str]:
        """Give the titles of all tenants by their names, the default one among them."""
        with self.database.reading(None) as session:
            return {DEFAULT_TENANT: ""} | {row.tenant: row.title for row in session.scalars(select(TenantRow).order_by(TenantRow.tenant))}

    def keep_setting(self, name: str, body: str) -> None:
        """Keep something that people set for the tenant, as JSON."""
        with self._writing() as session:
            session.merge(SettingRow(tenant=self.tenant, name=name, updated=datetime.now(UTC), body=body))
            record(session, self.tenant, "setting", [name])

    def setting(self, name: str) -> str | None:
        """Give what people set for the tenant, as JSON; none if they never did."""
        with self._reading() as session:
            return session.scalar(select(SettingRow.body).where(SettingRow.name == name))

    def settings(self) -> dict[str, str]:
        """Give everything that people set for the tenant, as JSON by name."""
        with self._reading() as session:
            return {row.name: row.body for row in session.scalars(select(SettingRow).order_by(SettingRow.name))}
