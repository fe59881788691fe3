"""Every table of the database, whichever module it stands in: what migrations end with and backups hold. Owns the list of modules."""

from watchkeeper.store import (
    action_tables,
    exercise_tables,
    flow_tables,
    outbox_tables,
    people_tables,
    platform_tables,
    question_tables,
    remark_tables,
    tables,
)
from watchkeeper.store.columns import Table

MODULES = (
    tables, platform_tables, people_tables, outbox_tables, remark_tables, action_tables, exercise_tables, question_tables, flow_tables,
)  # fmt: skip
"""Modules with tables; a new one is added here."""
METADATA = Table.metadata
