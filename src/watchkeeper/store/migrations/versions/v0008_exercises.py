"""Exercises get a table, and incidents of the stream the time of their first verdict; of older ones it stays unknown."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision: str | None = "0007"


def upgrade() -> None:
    """Make the table and the column."""
    op.create_table(
        "exercises",
        sa.Column("tenant", sa.String(64), primary_key=True),
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
    )
    op.add_column("live_incidents", sa.Column("judged", sa.DateTime(timezone=True), nullable=True))
