"""Backup and restore of the state database: one file, whichever database it came from or goes to. Owns that file's shape.

It is a zip of `manifest.json` and `watchkeeper.db`, the latter always a database of SQLite with our tables, made at one moment. So
what was kept in SQLite can be restored into PostgreSQL and the other way.
"""

import hashlib
import os
import sqlite3
import tempfile
import zipfile
import zlib
from contextlib import closing
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO

from pydantic import BaseModel, ValidationError
from sqlalchemy import text

from watchkeeper.model.backup import BackupManifest
from watchkeeper.store.copying import copy_rows, count, count_rows, empty
from watchkeeper.store.engine import FILE, Database, Place, is_url, open_database, plain_failures
from watchkeeper.store.upgrade import revisions, upgrade

FORMAT = 1
_MANIFEST = "manifest.json"
_LONGEST_MANIFEST = 1 << 20
_PIECE = 1 << 20


class _Shape(BaseModel):
    """What a manifest of any version says."""

    format: int
    version: str
    revision: str


def back_up(place: Place, file: Path) -> BackupManifest:
    """Write a backup of the database in a folder or at a URL, as it is at one moment, into a new file that only its owner can read.

    Others may go on writing meanwhile.

    Raises:
        OSError: the file is there already or cannot be written, or the database is not there or cannot be read.
        ValueError: the database cannot be opened, see `open_store`.
    """
    if file.exists():
        raise FileExistsError(f"{str(file)!r} is there already; a backup overwrites nothing")
    if not is_url(place) and not (Path(place) / FILE).is_file():
        raise FileNotFoundError(f"there is no database in {str(place)!r}; name the state folder with --state")
    with closing(open_database(place)) as database, tempfile.TemporaryDirectory(dir=file.parent, prefix=".backup-") as folder:
        upgrade(database)
        copy = Path(folder) / FILE
        with plain_failures(database.name):
            (_copy_file if database.is_sqlite else _copy_tables)(database, copy)
        manifest = _manifest(copy, database.version)
        packed = Path(folder) / "packed.zip"
        _pack(manifest, copy, packed)
        packed.rename(file)
    return manifest


def restore(file: Path, place: Place, *, replace: bool = False) -> BackupManifest:
    """Put what a backup holds into the database in a folder or at a URL: all of it or nothing; an older backup is upgraded.

    Raises:
        OSError: the file or the database cannot be read or written.
        ValueError: the backup is damaged or of a newer version; or the database holds something already, and `replace` is not set.
    """
    with tempfile.TemporaryDirectory(prefix="watchkeeper-restore-") as folder:
        manifest = _unpack(file, Path(folder) / FILE)
        with closing(open_database(Path(folder))) as source, closing(open_database(place)) as target:
            _check(file, source, manifest)
            upgrade(source)
            upgrade(target)
            _pour(source, target, replace=replace)
    return manifest


def _copy_file(database: Database, copy: Path) -> None:
    with database.engine.connect() as connection, closing(sqlite3.connect(copy)) as target:
        source = connection.connection.driver_connection
        if not isinstance(source, sqlite3.Connection):
            raise TypeError(f"{database.name!r} is no SQLite database")
        source.backup(target)


def _copy_tables(database: Database, copy: Path) -> None:
    with closing(open_database(f"sqlite:///{copy}")) as target:
        upgrade(target)
        snapshot = database.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with snapshot.begin() as source, target.engine.execution_options(writes=True).begin() as kept:
            copy_rows(source, kept)


def _manifest(copy: Path, origin: str) -> BackupManifest:
    with closing(open_database(f"sqlite:///{copy}")) as database, database.engine.connect() as connection:
        rows = count_rows(connection)
    with closing(sqlite3.connect(copy)) as kept:
        kept.execute("PRAGMA journal_mode=DELETE")  # one file: nothing is left behind in a log beside it
    with copy.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return BackupManifest(
        format=FORMAT, version=version("watchkeeper"), revision=revisions()[-1], made=datetime.now(UTC), origin=origin, rows=rows,
        bytes=copy.stat().st_size, sha256=digest,
    )  # fmt: skip


def _pack(manifest: BackupManifest, copy: Path, packed: Path) -> None:
    with os.fdopen(os.open(packed, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as made:
            made.writestr(_MANIFEST, manifest.model_dump_json(indent=1))
            made.write(copy, FILE)
        file.flush()
        os.fsync(file.fileno())


def _unpack(file: Path, database: Path) -> BackupManifest:
    try:
        with zipfile.ZipFile(file) as packed:
            manifest = _read_manifest(file, packed)
            with packed.open(FILE) as inside, database.open("xb") as kept:
                digest = _poured(inside, kept, manifest.bytes)
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, RuntimeError, ValidationError) as error:
        raise ValueError(f"{str(file)!r} is damaged or no backup; nothing was restored ({type(error).__name__})") from error
    if digest != manifest.sha256:
        raise ValueError(f"{str(file)!r} is damaged: its database is not the one that its manifest names; nothing was restored")
    return manifest


def _read_manifest(file: Path, packed: zipfile.ZipFile) -> BackupManifest:
    with packed.open(_MANIFEST) as inside:
        written = inside.read(_LONGEST_MANIFEST)
    shape = _Shape.model_validate_json(written)
    if shape.format > FORMAT or shape.revision not in revisions():
        raise ValueError(
            f"{str(file)!r} was made by Watchkeeper {shape.version[:40]} (format {shape.format}, schema {shape.revision[:40]}), "
            f"which is newer than this one (format {FORMAT}, schema {revisions()[-1]}); restore it with that version"
        )
    return BackupManifest.model_validate_json(written)


def _poured(inside: IO[bytes], kept: IO[bytes], size: int) -> str:
    digest, written = hashlib.sha256(), 0
    while written <= size and (piece := inside.read(_PIECE)):
        digest.update(piece)
        written += kept.write(piece)
    return digest.hexdigest()


def _check(file: Path, source: Database, manifest: BackupManifest) -> None:
    with plain_failures(str(file)), source.engine.connect() as connection:
        said = connection.execute(text("PRAGMA integrity_check(1)")).scalar()
        rows = {table: count(connection, table) for table in manifest.rows}
    if said != "ok" or rows != manifest.rows:
        raise ValueError(f"backup {str(file)!r} is damaged: {said if said != 'ok' else 'rows are missing'}; nothing was restored")


def _pour(source: Database, target: Database, *, replace: bool) -> None:
    with source.engine.connect() as kept, target.writing(None) as session:
        connection = session.connection()
        there = sum(count_rows(connection).values())
        if there and not replace:
            raise ValueError(f"database {target.name!r} holds {there:,} rows already; say --replace to put the backup in their place")
        empty(connection)
        copy_rows(kept, connection)
