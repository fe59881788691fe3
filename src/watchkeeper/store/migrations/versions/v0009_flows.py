"""Flows get their table, and the processes that walk them."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision: str | None = "0008"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "flows",
        sa.Column("tenant", sa.String(64), primary_key=True),
        sa.Column("incident_id", sa.String(64), primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Index("ix_flows_state", "tenant", "state"),
    )
    op.create_table(
        "executors",
        sa.Column("name", sa.String(128), primary_key=True),
        sa.Column("beats", sa.BigInteger(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("beaten", sa.DateTime(timezone=True), nullable=False),
    )
