"""Backups hold everything, go between databases, and are refused as a whole when anything in them is not as it was."""

import hashlib
import json
import sqlite3
import stat
import zipfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import select

from watchkeeper.model.feedback import Feedback
from watchkeeper.model.live import Cursor
from watchkeeper.model.sender import Sender
from watchkeeper.store import Advance, Store, open_store
from watchkeeper.store.backup import back_up, restore
from watchkeeper.store.every_table import METADATA
from watchkeeper.store.upgrade import revisions

NOW = datetime(2025, 1, 1, tzinfo=UTC)
OLD = Path(__file__).parent.parent / "cases" / "store" / "0.1.0" / "database.sql"


def _fill(place: Path | str) -> None:
    with closing(open_store(place)) as store:
        _say(store)
        acme = store.of("acme")
        acme.keep_sender(Sender(id="1" * 32, tenant="acme", name="edge\0主机"))
        acme.keep_sender_token("1" * 32, "digest", NOW)
        acme.advance(Advance(Cursor(name="keeper", position=1 << 40, body=bytes(range(256)))))
        store.drawing_key()


def _say(store: Store) -> None:
    store.add_feedback(Feedback(subject="a", verdict="benign", why="it's ours", by="ann", time=NOW))


def _everything(place: Path | str) -> dict[str, list[tuple[object, ...]]]:
    with closing(open_store(place)) as store, store.database.engine.connect() as connection:
        return {table.name: sorted(map(tuple, connection.execute(select(table)))) for table in METADATA.sorted_tables}


@pytest.fixture
def other(request: pytest.FixtureRequest, place: Path | str, tmp_path: Path) -> Path | str:
    """A second place, on the other database."""
    return request.getfixturevalue("postgres").database() if isinstance(place, Path) else tmp_path / "other"


@pytest.mark.slow
def test_what_one_database_held_is_restored_into_the_other(place: Path | str, other: Path | str, tmp_path: Path) -> None:
    _fill(place)
    made = back_up(place, tmp_path / "backup")
    assert restore(tmp_path / "backup", other) == made
    assert _everything(other) == _everything(place)
    assert sum(made.rows.values()) == 7
    with closing(open_store(other)) as store:
        _say(store)
        assert len(store.feedback()) == 2, "numbers go on from those that were restored"


def test_a_backup_is_its_owners_alone_and_overwrites_nothing(place: Path | str, tmp_path: Path) -> None:
    _fill(place)
    file = tmp_path / "backup"
    back_up(place, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_bytes()
    with pytest.raises(FileExistsError, match="overwrites nothing"):
        back_up(place, file)
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if path.name != "state"] == ["backup"], "nothing is left beside it"


def test_what_is_there_is_replaced_only_if_told(place: Path | str, tmp_path: Path) -> None:
    _fill(place)
    kept = _everything(place)
    back_up(place, tmp_path / "backup")
    with closing(open_store(place)) as store:
        _say(store)
    with pytest.raises(ValueError, match="--replace"):
        restore(tmp_path / "backup", place)
    assert len(_everything(place)["feedback"]) == 2
    restore(tmp_path / "backup", place, replace=True)
    assert _everything(place) == kept


def test_a_backup_shows_one_moment_while_others_write(place: Path | str, tmp_path: Path) -> None:
    begun, enough = Event(), Event()

    def write() -> None:
        with closing(open_store(place)) as store:
            for position in count(1):
                store.advance(Advance(Cursor(name="early", position=position)))
                store.advance(Advance(Cursor(name="late", position=position)))
                begun.set()
                if enough.is_set():
                    return

    writer = Thread(target=write)
    writer.start()
    try:
        assert begun.wait(60)
        for number in range(3):
            back_up(place, tmp_path / f"{number}")
    finally:
        enough.set()
        writer.join()
    restore(tmp_path / "2", tmp_path / "restored")
    with closing(open_store(tmp_path / "restored")) as store:
        early, late = store.cursor("early"), store.cursor("late")
    assert early is not None
    assert late is not None
    assert early.position - late.position in {0, 1}


def _rewritten(file: Path, change: Callable[[dict[str, object], bytes], bytes]) -> Path:
    with zipfile.ZipFile(file) as packed:
        manifest, database = json.loads(packed.read("manifest.json")), packed.read("watchkeeper.db")
    database = change(manifest, database)
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("manifest.json", json.dumps(manifest))
        packed.writestr("watchkeeper.db", database)
    return file


def _set(name: str, value: object) -> Callable[[dict[str, object], bytes], bytes]:
    def change(manifest: dict[str, object], database: bytes) -> bytes:
        manifest[name] = value
        return database

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda _, database: database[:-1] + b"\1", "not the one"),
        (lambda _, database: database * 3, "not the one"),
        (_set("format", 2), "newer than this one"),
        (_set("revision", "9999"), "newer than this one"),
        (_set("sha256", "x"), "damaged or no backup"),
        (_set("rows", {"feedback": 7}), "rows are missing"),
    ],
)
def test_a_changed_backup_is_refused_and_nothing_is_restored(change: object, words: str, tmp_path: Path) -> None:
    _fill(tmp_path / "state")
    back_up(tmp_path / "state", tmp_path / "backup")
    with pytest.raises(ValueError, match=words):
        restore(_rewritten(tmp_path / "backup", change), tmp_path / "new")
    assert not any(_everything(tmp_path / "new").values())


def test_a_file_that_is_no_backup_or_not_whole_is_refused(tmp_path: Path) -> None:
    _fill(tmp_path / "state")
    back_up(tmp_path / "state", tmp_path / "backup")
    whole = (tmp_path / "backup").read_bytes()
    torn = bytearray(whole)
    torn[len(whole) // 2] ^= 0xFF
    for content in (b"", b"no zip", whole[: len(whole) // 2], bytes(torn)):
        (tmp_path / "bad").write_bytes(content)
        with pytest.raises(ValueError, match="damaged"):
            restore(tmp_path / "bad", tmp_path / "new")


def test_a_backup_of_an_older_schema_is_upgraded(tmp_path: Path) -> None:
    _fill(tmp_path / "state")
    back_up(tmp_path / "state", tmp_path / "backup")
    with closing(sqlite3.connect(tmp_path / "old.db")) as old:
        old.executescript(OLD.read_text("utf-8"))
        old.executescript("CREATE TABLE alembic_version (version_num VARCHAR(32)); INSERT INTO alembic_version VALUES ('0001')")
    database = (tmp_path / "old.db").read_bytes()

    def older(manifest: dict[str, object], _: bytes) -> bytes:
        manifest.update(revision="0001", bytes=len(database), sha256=hashlib.sha256(database).hexdigest(), rows={"feedback": 2})
        return database

    restore(_rewritten(tmp_path / "backup", older), tmp_path / "new")
    with closing(open_store(tmp_path / "new")) as store:
        assert [words.verdict for words in store.feedback()] == ["benign", "succeeded"]
    assert revisions()[0] == "0001"
