"""Where flows are kept beside the database."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.conftest import Cluster

from watchkeeper.store import open_store


def test_a_file_of_its_own_for_its_owner_alone(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    found = store.beside()
    path = tmp_path / "flows.db"
    assert (found.url, found.schema) == (f"sqlite:///{path}", "")
    assert path.stat().st_mode & 0o077 == 0
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    store.close()


@pytest.mark.slow
def test_a_schema_of_its_own_called_after_ours(postgres: Cluster) -> None:
    store = open_store(postgres.database())
    assert store.beside().schema == f"w{postgres.made}_flows"
    store.close()
    public = open_store(postgres.copied())
    assert public.beside().schema == "watchkeeper_flows"
    public.close()
