"""The log stays one chain whoever writes, is kept with what it records or not at all, and any change of its table is found."""

import shutil
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from watchkeeper.access.audit import Checked, verify
from watchkeeper.model.audit import BEGINNING, AuditEntry, Happened
from watchkeeper.store import open_store
from watchkeeper.store.anchor import AnchorFile
from watchkeeper.store.audit import AuditLog
from watchkeeper.store.people_tables import AuditRow

NOW = datetime(2026, 11, 26, tzinfo=UTC)
ENTRIES = 12
COLUMNS = [column.name for column in AuditRow.__table__.columns]


def _happened(number: int) -> Happened:
    return Happened(
        time=NOW + timedelta(microseconds=number), tenant="default", who=f"user {number % 3}", what="token made", on=f"t{number}"
    )


def _open(folder: Path, place: Path | str | None = None) -> AuditLog:
    return AuditLog(open_store(place or folder).database, AnchorFile(folder))


def _checked(folder: Path) -> Checked:
    log = _open(folder)
    try:
        anchor = log.anchor.read() or "none"
    except ValueError:
        anchor = "false"
    try:
        return verify(log.entries(), anchor)
    finally:
        log.database.close()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("written")
    log = _open(folder)
    for number in range(ENTRIES):
        log.record(_happened(number))
    log.database.close()
    return folder


@pytest.fixture
def log(tmp_path: Path) -> Iterator[AuditLog]:
    found = _open(tmp_path)
    yield found
    found.database.close()


def test_what_was_written_is_whole(written: Path) -> None:
    checked = _checked(written)
    assert (checked.found, checked.head.number) == (None, ENTRIES)
    log = _open(written)
    assert [one.on for one in log.newest(limit=2)] == ["t11", "t10"]
    assert [one.on for one in log.newest(before=2)] == ["t0"]
    assert log.newest("other") == ()
    log.database.close()


def test_an_entry_is_kept_with_what_it_records_or_not_at_all(log: AuditLog, tmp_path: Path) -> None:
    log.record(_happened(0))

    def fail() -> None:
        with log.writing() as session:
            log.add(session, _happened(1))
            session.add(AuditRow(**_happened(1).model_dump(exclude={"time"}), number=1, time=0, previous="", hash=""))

    with pytest.raises(IntegrityError):
        fail()
    assert log.head().number == 1
    with log.writing() as session:
        log.add(session, _happened(1))
        log.add(session, _happened(2))
    assert (_checked(tmp_path).found, log.head().number) == (None, 3)


def test_writers_beside_each_other_keep_one_chain(place: Path | str, tmp_path: Path) -> None:
    def write(writer: int) -> None:
        log = _open(tmp_path, place)
        for number in range(10):
            log.record(_happened(writer * 100 + number))
        log.database.close()

    with ThreadPoolExecutor(4) as writers:
        list(writers.map(write, range(4)))
    log = _open(tmp_path, place)
    assert verify(log.entries(), log.anchor.read() or "none") == Checked(log.head(), None)
    assert log.head().number == 40
    log.database.close()


def _rewritten(rows: list[dict[str, object]], start: int) -> None:
    """Make every hash from a row on fit again, as somebody does who knows how it is made."""
    previous = str(rows[start - 1]["hash"]) if start else BEGINNING
    for number, row in enumerate(rows[start:], start + 1):
        told = {name: row[name] for name in Happened.model_fields if name != "time"}
        time = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(str(row["time"])))
        made = AuditEntry.after(number - 1, previous, Happened(**told, time=time))  # type: ignore[arg-type] -- as the table has them
        row.update(number=number, previous=previous, hash=made.hash)
        previous = made.hash


@st.composite
def _tampered(draw: st.DrawFn, rows: list[dict[str, object]]) -> list[dict[str, object]]:
    found = [dict(row) for row in rows]
    places = st.integers(0, len(found) - 1)
    match draw(st.sampled_from(["change", "delete", "swap", "insert", "truncate"])):
        case "change":
            name = draw(st.sampled_from(COLUMNS))
            number = draw(st.integers(-3, 2**62)) if name in {"number", "time"} else draw(st.text(max_size=70))
            found[draw(places)][name] = number
        case "delete":
            del found[draw(places)]
        case "swap":
            one, other = draw(places), draw(places)
            found[one], found[other] = {**found[other], "number": one + 1}, {**found[one], "number": other + 1}
        case "insert":
            copied = dict(found[draw(places)])
            found.append({**copied, "number": draw(st.sampled_from([0, -1, len(found) + 1, len(found) + 7]))})
        case _:
            del found[draw(places) :]
    if draw(st.booleans()) and all(isinstance(row["time"], int) and 0 <= row["time"] < 2**50 for row in found):
        found.sort(key=lambda row: int(str(row["number"])))
        try:
            _rewritten(found, draw(st.integers(0, max(0, len(found) - 1))))
        except ValueError:
            assume(False)
    return found


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_change_of_the_table_is_found(written: Path, tmp_path: Path, data: st.DataObject) -> None:
    folder = tmp_path / "tampered"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(written, folder)
    with sqlite3.connect(folder / "watchkeeper.db") as database:
        database.row_factory = sqlite3.Row
        rows = [dict(row) for row in database.execute("SELECT * FROM audit ORDER BY number")]
        tampered = data.draw(_tampered(rows))
        assume(sorted(map(repr, tampered)) != sorted(map(repr, rows)))
        assume(len({row["number"] for row in tampered}) == len(tampered))
        database.execute("DELETE FROM audit")
        names = ", ".join(f'"{name}"' for name in COLUMNS)
        marks = ", ".join("?" for _ in COLUMNS)
        database.executemany(f"INSERT INTO audit ({names}) VALUES ({marks})", [[row[name] for name in COLUMNS] for row in tampered])
    database.close()
    assert _checked(folder).found is not None


def test_the_first_entry_that_is_not_as_it_was_is_named(written: Path, tmp_path: Path) -> None:
    told = {
        "UPDATE audit SET who = 'nobody' WHERE number = 5": ("changed", 5),
        "UPDATE audit SET outcome = 'none' WHERE number = 6": ("damaged", 6),
        "UPDATE audit SET time = 'x' WHERE number = 2": ("damaged", 2),
        "DELETE FROM audit WHERE number = 4": ("missing", 4),
        "DELETE FROM audit WHERE number >= 10": ("cut", 10),
        "DELETE FROM audit": ("cut", 1),
        "UPDATE audit SET number = 0 WHERE number = 1": ("added", 0),
    }
    for number, (statement, finding) in enumerate(told.items()):
        folder = tmp_path / str(number)
        shutil.copytree(written, folder)
        with sqlite3.connect(folder / "watchkeeper.db") as database:
            database.execute(statement)
        database.close()
        assert _checked(folder).found == finding, statement


def test_what_was_cut_is_found_after_the_log_went_on(tmp_path: Path) -> None:
    log = _open(tmp_path)
    for number in range(5):
        log.record(_happened(number))
    with sqlite3.connect(tmp_path / "watchkeeper.db") as database:
        database.execute("DELETE FROM audit WHERE number > 3")
    database.close()
    for number in range(6):
        log.record(_happened(number))
    assert _checked(tmp_path).found == ("rewritten", 5)
    log.anchor.renew(log.head())
    log.record(_happened(9))
    assert _checked(tmp_path).found is None
    log.database.close()


def test_a_transaction_that_was_given_up_after_it_was_announced_is_no_damage(tmp_path: Path) -> None:
    log = _open(tmp_path)
    log.record(_happened(0))
    before = log.head()
    coming = AuditEntry.after(before.number, before.hash, _happened(1))
    assert log.anchor.announce(before, before.model_copy(update={"number": 2, "hash": coming.hash}))
    assert _checked(tmp_path).found is None
    log.record(_happened(2))
    assert (_checked(tmp_path).found, log.head().number) == (None, 2)
    log.database.close()


def test_an_anchor_that_is_gone_or_was_signed_elsewhere_is_said(written: Path, tmp_path: Path) -> None:
    for name, damage in {"audit.anchor": "no anchor", "audit.key": "false anchor"}.items():
        folder = tmp_path / name
        shutil.copytree(written, folder)
        if name == "audit.anchor":
            (folder / name).unlink()
        else:
            (folder / name).write_bytes(b"x" * 32)
        log = _open(folder)
        log.record(_happened(99))
        log.database.close()
        assert _checked(folder).found == (damage, 0), "and going on does not mend it"
