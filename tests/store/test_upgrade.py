"""Databases of every release come up to date with everything in them, by one process alone, and those of the future are left alone."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, create_engine, inspect, select, text

from watchkeeper.store import Store, engine, open_store, upgrade
from watchkeeper.store.every_table import METADATA

RELEASES = sorted((Path(__file__).parent.parent / "cases" / "store").iterdir())
FIRST = {"0.1.0": None}
"""Revision that each release left its databases at; the first one had none."""
Rows = dict[str, list[dict[str, object]]]


def _as_released(release: Path, folder: Path) -> Rows:
    """Make the database that a release left, and give its rows."""
    folder.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(folder / "watchkeeper.db")) as made:
        made.executescript((release / "database.sql").read_text("utf-8"))
    old, schema = create_engine(f"sqlite:///{folder / 'watchkeeper.db'}"), MetaData()
    with old.connect() as connection:
        schema.reflect(connection)
        rows = {table.name: [dict(row) for row in connection.execute(select(table)).mappings()] for table in schema.sorted_tables}
    old.dispose()
    return rows


def _placed(release: Path, place: Path | str, folder: Path) -> Rows:
    """Put what a release left where a store will be; into PostgreSQL, which it did not know, by its own schema."""
    if isinstance(place, Path):
        return _as_released(release, place)
    rows = _as_released(release, folder / "released")
    with closing(engine.open_database(place)) as database:
        upgrade.upgrade(database, FIRST[release.name] or "0001")
        schema = MetaData()
        with database.engine.begin() as connection:
            schema.reflect(connection)
            for name, found in rows.items():
                if found:
                    connection.execute(schema.tables[name].insert(), found)
            if FIRST[release.name] is None:
                connection.execute(text("DROP TABLE alembic_version"))
    return rows


def _rows(store: Store) -> Iterator[tuple[str, list[dict[str, object]]]]:
    with store.database.engine.connect() as connection:
        for table in METADATA.sorted_tables:
            yield table.name, [dict(row) for row in connection.execute(select(table)).mappings()]


@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.name)
def test_a_database_of_a_release_keeps_everything(release: Path, place: Path | str, tmp_path: Path) -> None:
    before = _placed(release, place, tmp_path)
    assert len(before) >= 11
    assert all(before.values()), "the release left something in every table"
    with closing(open_store(place)) as store:
        after = dict(_rows(store))
        for name, rows in before.items():
            expected = [_aware(row) | {"tenant": row.get("tenant", "default")} for row in rows]
            assert sorted(expected, key=repr) == sorted(({key: row[key] for key in expected[0]} for row in after[name]), key=repr)
        assert [incident.id for incident in store.incidents()] == ["z", "a", "b"]
        assert [words.verdict for words in store.feedback()] == ["benign", "succeeded"]
        assert len(store.watches()) == 2
        assert [one.state for one in store.standings()["a"]] == ["closed", "re-opened"]
        words = store.feedback()[0]
        store.add_feedback(words)
        assert store.feedback()[2:] == (words,), "numbers go on from those that were there"


def _aware(row: dict[str, object]) -> dict[str, object]:
    return {name: value.replace(tzinfo=UTC) if isinstance(value, datetime) else value for name, value in row.items()}


def test_the_steps_lead_to_the_tables_that_the_code_knows(place: Path | str) -> None:
    with closing(open_store(place)) as store, store.database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), METADATA) == []


def test_steps_follow_each_other_in_the_order_of_their_files() -> None:
    settings = Config()
    settings.set_main_option("script_location", str(Path(upgrade.__file__).parent / "migrations"))
    steps = [step.revision for step in ScriptDirectory.from_config(settings).walk_revisions()]
    assert tuple(reversed(steps)) == upgrade.revisions()


def test_a_database_of_a_newer_version_is_left_alone(place: Path | str) -> None:
    with closing(open_store(place)) as store, store.database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ValueError, match="a newer Watchkeeper made it"):
        open_store(place)


def test_a_step_that_fails_leaves_the_database_as_it_was(place: Path | str, tmp_path: Path) -> None:
    before = _placed(RELEASES[0], place, tmp_path)
    with closing(engine.open_database(place)) as database:
        with database.engine.begin() as connection:
            connection.execute(text("CREATE TABLE settings (somebody_else TEXT)"))
        with pytest.raises(Exception, match="settings"):
            upgrade.upgrade(database)
        with database.engine.connect() as connection:
            assert set(inspect(connection).get_table_names()) == {*before, "settings"}
            assert connection.execute(text("SELECT count(*) FROM feedback")).scalar() == 2


def test_several_at_once_upgrade_it_once(place: Path | str, tmp_path: Path) -> None:
    _placed(RELEASES[0], place, tmp_path)
    found: list[int] = []

    def open_it() -> None:
        with closing(open_store(place)) as store:
            found.append(len(store.feedback()))

    openers = [Thread(target=open_it) for _ in range(4)]
    for opener in openers:
        opener.start()
    for opener in openers:
        opener.join()
    assert found == [2] * 4


@pytest.mark.slow
def test_several_processes_at_once_upgrade_it_once(place: Path | str, tmp_path: Path) -> None:
    _placed(RELEASES[0], place, tmp_path)
    words = "import sys; from watchkeeper.store import open_store; print(len(open_store(sys.argv[1]).feedback()))"
    running = [subprocess.Popen([sys.executable, "-c", words, str(place)], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [process.communicate()[0].strip() for process in running] == ["2"] * 2
