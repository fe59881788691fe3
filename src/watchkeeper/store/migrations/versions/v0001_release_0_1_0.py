"""The schema of release 0.1.0, which had no revisions: a database that has these tables already keeps them."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None


def upgrade() -> None:
    """Make what is not there."""
    _table("cases", _key("id", 32), _time("made"), _text("out"), _number("events"), _number("signals"))
    _table("incidents", _key("id", 64), _name("case_id", 32), _number("rank"), sa.Column("score", sa.Float(), nullable=False),
           _text("title"), _text("body"))  # fmt: skip
    _index("incidents", "case_id")
    _table("feedback", sa.Column("number", sa.Integer(), primary_key=True, autoincrement=True), _name("incident_id", 64), _text("body"))
    _index("feedback", "incident_id")
    _table("suppressions", _key("id", 32), _time("expires"), _text("body"))
    _table("edits", sa.Column("number", sa.Integer(), primary_key=True, autoincrement=True), _text("body"))
    _table("meanings", _key("rule", 512), _name("digest", 64))
    _table("baselines", _key("case_id", 32), _time("start"), _time("end"), _text("hosts"), _bytes("body"))
    _table("subjects", _key("id", 64), _name("case_id", 32), _text("body"))
    _index("subjects", "case_id")
    _table("watches", _key("id", 32), _name("incident_id", 64), _name("case_id", 32), _time("until"), _text("body"))
    _index("watches", "incident_id", "case_id")
    _table("standings", sa.Column("number", sa.Integer(), primary_key=True, autoincrement=True), _name("incident_id", 64),
           _name("case_id", 32), _text("body"))  # fmt: skip
    _index("standings", "incident_id", "case_id")
    _table("secrets", _key("name", 32), _bytes("body"))


def _table(name: str, *columns: sa.Column[object]) -> None:
    op.create_table(name, *columns, if_not_exists=True)


def _index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column], if_not_exists=True)


def _key(name: str, length: int) -> sa.Column[object]:
    return sa.Column(name, sa.String(length), primary_key=True)


def _name(name: str, length: int) -> sa.Column[object]:
    return sa.Column(name, sa.String(length), nullable=False)


def _text(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _bytes(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.LargeBinary(), nullable=False)


def _time(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)
