"""Actions get their tables: records, approvals, levels, changes of policy and brakes; the audit log is found by what it is about."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision: str | None = "0005"


def upgrade() -> None:
    """Make the tables."""
    _actions()
    op.create_table(
        "approvals",
        *_numbered(),
        sa.Column("proposal", sa.String(32), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.UniqueConstraint("tenant", "proposal", "by", name="uq_approvals_by"),
    )
    op.create_table("levels", *_numbered(), sa.Column("body", sa.Text(), nullable=False))
    op.create_table(
        "policy_changes",
        *_numbered(),
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.UniqueConstraint("tenant", "id", name="uq_policy_changes_id"),
    )
    op.create_table(
        "brakes",
        sa.Column("scope", sa.String(64), primary_key=True),
        sa.Column("body", sa.Text(), nullable=False),
    )
    op.create_index("ix_audit_on", "audit", ["on"], postgresql_using="hash")  # some of it is longer than a tree takes


def _actions() -> None:
    op.create_table(
        "actions",
        sa.Column("tenant", sa.String(64), primary_key=True),
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("incident_id", sa.String(64), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun", sa.DateTime(timezone=True)),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True)),
        sa.Column("objects", sa.BigInteger(), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("wide", sa.Boolean(), nullable=False),
        sa.Column("touches", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Index("ix_actions_state", "tenant", "state", "made", "id"),
        sa.Index("ix_actions_made", "tenant", "made", "id"),
        sa.Index("ix_actions_incident", "tenant", "incident_id"),
        sa.Index("ix_actions_begun", "tenant", "begun"),
        sa.Index("ix_actions_due", "tenant", "due"),
    )


def _numbered() -> tuple[sa.Column[str], sa.Column[int]]:
    return (
        sa.Column("tenant", sa.String(64), nullable=False, index=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=True),
    )
