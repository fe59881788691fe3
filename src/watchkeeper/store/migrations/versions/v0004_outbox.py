"""Messages to people, and who acknowledged what."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"


def upgrade() -> None:
    """Make the tables; there was nothing of the kind before."""
    op.create_table(
        "outbox", sa.Column("tenant", sa.String(64), primary_key=True), sa.Column("key", sa.String(32), primary_key=True),
        _name("incident_id", 64), _name("route", 64), _name("state", 16), _time("made"), _time("due"),
        sa.Column("settled", sa.DateTime(timezone=True)), sa.Column("attempts", sa.Integer(), nullable=False), _flag("held"),
        _flag("escalates"), _text("note"), _text("body"),
    )  # fmt: skip
    op.create_index("ix_outbox_due", "outbox", ["state", "due"])
    op.create_index("ix_outbox_incident", "outbox", ["tenant", "incident_id"])
    op.create_table(
        "acknowledged", sa.Column("tenant", sa.String(64), primary_key=True), sa.Column("incident_id", sa.String(64), primary_key=True),
        _time("time"), _text("by"),
    )  # fmt: skip


def _name(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _time(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False)
