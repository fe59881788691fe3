"""Who may do what, and the log of what they did."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"


def upgrade() -> None:
    """Make the tables; there was nothing of the kind before."""
    op.create_table(
        "users", sa.Column("login", sa.String(64), primary_key=True), _text("password"), _name("factor", 64), _name("offered", 64),
        _large("step"), _text("recovery"), _text("body"),
    )  # fmt: skip
    op.create_table(
        "visits",
        sa.Column("digest", sa.String(64), primary_key=True),
        _name("login", 64),
        _time("began"),
        _time("seen"),
        _name("address", 64),
    )
    op.create_index("ix_visits_login", "visits", ["login"])
    op.create_table(
        "tries", sa.Column("name", sa.String(80), primary_key=True), sa.Column("failures", sa.Integer(), nullable=False), _time("last")
    )
    op.create_index("ix_tries_last", "tries", ["last"])
    op.create_table(
        "tokens", sa.Column("tenant", sa.String(64), primary_key=True), sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False, unique=True), sa.Column("last_used", sa.DateTime(timezone=True)), _text("body"),
    )  # fmt: skip
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "audit", sa.Column("number", number, primary_key=True, autoincrement=False), _large("time"), _name("tenant", 64), _text("who"),
        _name("address", 64), _text("what"), _text("on"), _name("outcome", 16), _text("note"), _name("previous", 64), _name("hash", 64),
    )  # fmt: skip
    op.create_index("ix_audit_tenant", "audit", ["tenant"])


def _name(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _large(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _time(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)
