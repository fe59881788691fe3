"""Every row gets a tenant, the rows that are there the default one; the platform's tables come beside them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"

_TENANT = "default"


def upgrade() -> None:
    """Move what is there, then make what is new."""
    _move_cases()
    _move_words()
    _move_learnt()
    _make_live()
    _make_platform()


def _move_cases() -> None:
    _move("cases", _key("id", 32), _time("made"), _text("out"), _large("events"), _large("signals"))
    _move("incidents", _key("id", 64), _name("case_id", 32), _number("rank"), _score(), _text("title"), _text("body"), indexes=("case_id",))
    _move("subjects", _key("id", 64), _name("case_id", 32), _text("body"), indexes=("case_id",))
    _move(
        "watches", _key("id", 32), _name("incident_id", 64), _name("case_id", 32), _time("until"), _text("body"),
        indexes=("incident_id", "case_id"),
    )  # fmt: skip


def _move_words() -> None:
    _move("feedback", _counted(), _name("incident_id", 64), _text("body"), indexes=("incident_id",))
    _move("standings", _counted(), _name("incident_id", 64), _name("case_id", 32), _text("body"), indexes=("incident_id", "case_id"))
    _move("suppressions", _key("id", 32), _time("expires"), _text("body"))
    _move("edits", sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False), _text("body"))


def _move_learnt() -> None:
    _move("meanings", sa.Column("rule", sa.Text(), primary_key=True), _name("digest", 64))
    _move("baselines", _key("case_id", 32), _time("start"), _time("end"), _text("hosts"), _bytes("body"))
    _move("secrets", _key("name", 32), _bytes("body"))


def _make_live() -> None:
    op.create_table(
        "live_incidents", _owner(), _key("id", 64), _name("status", 16), sa.Column("severity", sa.SmallInteger(), nullable=False),
        _score(), sa.Column("shown", sa.Boolean(), nullable=False), _time("first"), _time("last"), _time("opened"), _time("updated"),
        sa.Column("closed", sa.DateTime(timezone=True)), _name("into", 64), _text("title"), _large("revision"), _text("body"),
    )  # fmt: skip
    for name, columns in {"first": ["first", "id"], "last": ["last"], "score": ["score", "id"], "updated": ["updated", "id"],
                          "status": ["status", "severity"]}.items():  # fmt: skip
        op.create_index(f"ix_live_incidents_{name}", "live_incidents", ["tenant", *columns])
    op.create_table("live_marks", _owner(), _key("incident_id", 64), _key("kind", 16), sa.Column("value", sa.Text(), primary_key=True))
    op.create_index("ix_live_marks_value", "live_marks", ["tenant", "kind", "value"])
    op.create_table("cursors", _owner(), _key("name", 128), _large("position"), _time("updated"), _bytes("body"))


def _make_platform() -> None:
    op.create_table("tenants", _owner(), _text("title"), _time("made"))
    op.create_table(
        "senders", _owner(), _key("id", 32), _text("name"), sa.Column("token_digest", sa.String(128), unique=True),
        sa.Column("token_expires", sa.DateTime(timezone=True)), _text("body"),
        sa.UniqueConstraint("tenant", "name", name="uq_senders_name"), sa.UniqueConstraint("id", name="uq_senders_id"),
    )  # fmt: skip
    op.create_table("settings", _owner(), _key("name", 128), _time("updated"), _text("body"))
    number = sa.Column("number", sa.BigInteger(), primary_key=True, autoincrement=False)
    op.create_table("changes", _owner(), number, _name("kind", 32), _text("subject"), _time("time"))


def _move(table: str, *columns: sa.Column[object], indexes: tuple[str, ...] = ()) -> None:
    """Make the table anew with a tenant, and take over the rows of the old one."""
    for index in indexes:
        op.drop_index(f"ix_{table}_{index}", table_name=table)
    op.rename_table(table, f"old_{table}")
    counted = any(column.autoincrement is True for column in columns)
    new = op.create_table(table, _owner(key=not counted), *columns)
    for index in (*(("tenant",) if counted else ()), *indexes):
        op.create_index(f"ix_{table}_{index}", table, [index])
    old = sa.table(f"old_{table}", *(sa.column(column.name, column.type) for column in columns))
    names = ["tenant", *(column.name for column in columns)]
    op.execute(new.insert().from_select(names, sa.select(sa.literal(_TENANT), *old.columns)))
    op.drop_table(f"old_{table}")
    if counted and op.get_context().dialect.name == "postgresql":
        op.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'number'), coalesce(max(number), 0) + 1, false) FROM {table}")  # noqa: S608 -- our own names


def _owner(*, key: bool = True) -> sa.Column[object]:
    return sa.Column("tenant", sa.String(64), primary_key=key, nullable=False)


def _counted() -> sa.Column[object]:
    return sa.Column("number", sa.Integer(), primary_key=True, autoincrement=True)


def _key(name: str, length: int) -> sa.Column[object]:
    return sa.Column(name, sa.String(length), primary_key=True)


def _name(name: str, length: int) -> sa.Column[object]:
    return sa.Column(name, sa.String(length), nullable=False)


def _text(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _large(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _score() -> sa.Column[object]:
    return sa.Column("score", sa.Float(), nullable=False)


def _bytes(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.LargeBinary(), nullable=False)


def _time(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)
