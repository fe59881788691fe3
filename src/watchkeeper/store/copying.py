"""Rows of every table from one database into another. Owns their order and the numbers that go on from the last one."""

from sqlalchemy import Connection, Table, delete, false, func, insert, select, table, text

from watchkeeper.store.every_table import METADATA

_AT_ONCE = 500
"""Rows in memory."""


def count_rows(connection: Connection) -> dict[str, int]:
    """Give how many rows each of our tables has."""
    return {one.name: count(connection, one.name) for one in METADATA.sorted_tables}


def count(connection: Connection, name: str) -> int:
    """Give how many rows the table of a name has."""
    return connection.scalar(select(func.count()).select_from(table(name))) or 0


def empty(connection: Connection) -> None:
    """Delete every row of our tables; nobody else writes to them before the transaction ends."""
    names = ", ".join(f'"{one.name}"' for one in METADATA.sorted_tables)
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE"))
    for one in reversed(METADATA.sorted_tables):
        connection.execute(delete(one))


def copy_rows(source: Connection, target: Connection) -> None:
    """Add the rows of every table of ours to a database whose tables are empty; new rows then get higher numbers than they have."""
    for one in METADATA.sorted_tables:
        found = source.execution_options(yield_per=_AT_ONCE).execute(select(one))
        for rows in found.mappings().partitions():
            target.execute(insert(one), [dict(row) for row in rows])
        if target.dialect.name == "postgresql":
            _count_on(target, one)


def _count_on(target: Connection, one: Table) -> None:
    for counted in one.primary_key.columns:
        if counted is one.autoincrement_column:
            sequence, following = func.pg_get_serial_sequence(one.name, counted.name), func.coalesce(func.max(counted), 0) + 1
            target.execute(select(func.setval(sequence, following, false())))
