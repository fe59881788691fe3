"""Many may use one database at once; what goes wrong with it is said so that one can act on it."""

import errno
import sqlite3
import stat
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from watchkeeper.store import Store, engine, open_store
from watchkeeper.store.platform_tables import SettingRow

NOW = datetime(2025, 1, 1, tzinfo=UTC)


def test_no_change_is_lost_when_several_write_what_they_read(place: Path | str) -> None:
    with closing(open_store(place)) as store:
        store.keep_setting("n", "0")

    def count() -> None:
        with closing(open_store(place)) as mine:
            for _ in range(10):
                with mine.database.writing(mine.tenant) as session:
                    _add_one(session)

    writers = [Thread(target=count) for _ in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with closing(open_store(place)) as store:
        assert store.setting("n") == "30"


def _add_one(session: Session) -> None:
    row = session.scalars(select(SettingRow)).one()
    row.body = str(int(row.body) + 1)


def test_what_fails_is_kept_as_a_whole_or_not_at_all(store: Store) -> None:
    def fail() -> None:
        with store.database.writing(store.tenant) as session:
            session.add(SettingRow(tenant=store.tenant, name="n", updated=NOW, body="1"))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert store.settings() == {}


@pytest.mark.slow
def test_a_database_that_was_stopped_and_started_again_is_used_on(postgres: Any) -> None:
    with closing(open_store(postgres.database())) as store:
        store.keep_setting("a", "1")
        postgres.stop("immediate")
        try:
            for _ in range(2):
                with pytest.raises(ConnectionError, match="does not answer"):
                    store.keep_setting("a", "2")
        finally:
            postgres.start()
        assert store.setting("a") == "1"
        postgres.stop()
        postgres.start()
        store.keep_setting("a", "3")
        assert store.setting("a") == "3"


def test_a_password_is_in_no_message() -> None:
    with pytest.raises(ConnectionError) as said:
        open_store("postgresql://ann:hush@127.0.0.1:1/w?connect_timeout=1")
    assert "hush" not in str(said.value)
    assert "ann:***@127.0.0.1" in str(said.value)
    with pytest.raises(ValueError, match="neither a file of sqlite nor postgresql") as refused:
        open_store("mysql://ann:hush@127.0.0.1/w")
    assert "hush" not in str(refused.value)
    with pytest.raises(ValueError, match="cannot be read"):
        open_store("postgresql://ann:hush@127.0.0.1:port/w")
    with pytest.raises(ValueError, match="neither a file"):
        open_store("sqlite://")


def test_the_driver_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ValueError, match=r"watchkeeper\[postgres\]"):
        open_store("postgresql://127.0.0.1/w")


def test_a_damaged_file_is_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "watchkeeper.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 4096)
    with pytest.raises(OSError, match="damaged"):
        open_store(tmp_path)


def test_a_file_at_a_url_is_the_same_database_and_its_owners_alone(tmp_path: Path) -> None:
    with closing(open_store(tmp_path)) as store:
        store.keep_setting("a", "1")
    file = tmp_path / "watchkeeper.db"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with closing(open_store(f"sqlite:///{file}")) as store:
        assert store.setting("a") == "1"


def test_who_cannot_have_the_database_in_time_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0)
    with closing(open_store(tmp_path)) as store, closing(sqlite3.connect(tmp_path / "watchkeeper.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(TimeoutError, match="another process"):
            store.keep_setting("a", "1")
        assert store.settings() == {}, "reading goes on"


def test_a_full_disk_is_told_and_nothing_of_the_change_is_kept(tmp_path: Path) -> None:
    with closing(open_store(tmp_path)) as store:
        store.keep_setting("a", "1")
        store.close()
        event.listen(store.database.engine, "connect", lambda connection, _: connection.execute("PRAGMA max_page_count=1"))
        with pytest.raises(OSError, match="no space left") as full:
            store.keep_setting("b", "1" * 1_000_000)
        assert full.value.errno == errno.ENOSPC
        assert store.settings() == {"a": "1"}
