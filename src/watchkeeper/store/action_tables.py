"""Tables of actions: what was asked for, who agreed, which levels, policies and brakes hold. Owns columns alone; nouns are kept as JSON."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from watchkeeper.store.columns import TENANT_LENGTH, Moment, Numbered, Owned, Table, Words


class ActionRow(Owned, Table):
    """A proposal and what became of it."""

    __tablename__ = "actions"
    __table_args__ = (
        Index("ix_actions_state", "tenant", "state", "made", "id"),
        Index("ix_actions_made", "tenant", "made", "id"),
        Index("ix_actions_incident", "tenant", "incident_id"),
        Index("ix_actions_begun", "tenant", "begun"),
        Index("ix_actions_due", "tenant", "due"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    incident_id: Mapped[str] = mapped_column(String(64))
    """First characters of it, which are all of one that is there."""
    action: Mapped[str] = mapped_column(Words)
    made: Mapped[datetime] = mapped_column(Moment)
    begun: Mapped[datetime | None] = mapped_column(Moment)
    """When it was begun last, or done; none if it never was."""
    changed: Mapped[datetime] = mapped_column(Moment)
    due: Mapped[datetime | None] = mapped_column(Moment)
    """From when on time asks something of it; none if nothing."""
    objects: Mapped[int] = mapped_column(BigInteger)
    listed: Mapped[bool]
    """Whether its targets stand on a verified list."""
    wide: Mapped[bool]
    """Whether one of its targets stands for a whole network."""
    touches: Mapped[bytes] = mapped_column(LargeBinary)
    """Eight bytes for each of its targets, as `touches` makes them."""
    body: Mapped[str] = mapped_column(Text)


class ApprovalRow(Numbered, Table):
    """The last word of a person on a proposal."""

    __tablename__ = "approvals"
    __table_args__ = (UniqueConstraint("tenant", "proposal", "by", name="uq_approvals_by"),)

    proposal: Mapped[str] = mapped_column(String(32))
    by: Mapped[str] = mapped_column(Words)
    body: Mapped[str] = mapped_column(Text)


class LevelRow(Numbered, Table):
    """A promotion or demotion of a class of actions; the last one of a class counts."""

    __tablename__ = "levels"

    body: Mapped[str] = mapped_column(Text)


class PolicyChangeRow(Numbered, Table):
    """A change of the policy that somebody asked for."""

    __tablename__ = "policy_changes"
    __table_args__ = (UniqueConstraint("tenant", "id", name="uq_policy_changes_id"),)

    id: Mapped[str] = mapped_column(String(32))
    body: Mapped[str] = mapped_column(Text)


class BrakeRow(Table):
    """A brake. It belongs to no tenant alone: that of `*` holds for every one."""

    __tablename__ = "brakes"

    scope: Mapped[str] = mapped_column(String(TENANT_LENGTH), primary_key=True)
    body: Mapped[str] = mapped_column(Text)
