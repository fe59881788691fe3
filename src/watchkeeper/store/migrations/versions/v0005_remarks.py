"""What people note about incidents gets a table."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision: str | None = "0004"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "remarks",
        sa.Column("tenant", sa.String(64), nullable=False, index=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("incident_id", sa.String(64), nullable=False, index=True),
        sa.Column("kind", sa.String(16), nullable=False, index=True),
        sa.Column("body", sa.Text(), nullable=False),
    )
