"""Rules and indicators that came after their events are found in what the lake keeps, and become incidents that say so."""

import asyncio
import zipfile
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from watchkeeper.autopilot.gathering import detector_of, rules_of
from watchkeeper.autopilot.late import Asked, Late, look_again, since_of
from watchkeeper.autopilot.late_signals import LATE, alone, late_folder
from watchkeeper.autopilot.live.desk import Stood
from watchkeeper.autopilot.live.keeper import CURSOR
from watchkeeper.autopilot.options import Options
from watchkeeper.autopilot.share import Share
from watchkeeper.autopilot.streaming import Stream
from watchkeeper.journal import Journal
from watchkeeper.lake import EventTable
from watchkeeper.model.incident import Incident
from watchkeeper.model.received import Received
from watchkeeper.model.sender import Sender
from watchkeeper.server.keeper import Office, keep
from watchkeeper.store import Wanted, open_store

CAPTURE = "otrf/atomic/windows/credential_access/host/psh_input_capture_promptforcreds.zip"
RULE = """title: Logs are cleared, or a disk is read past the file system
id: 11111111-2222-4333-8444-555555555555
level: high
logsource: {product: windows}
detection: {selection: {EventID: [9, 104, 1102]}, condition: selection}
"""
NOW = datetime(2026, 11, 26, tzinfo=UTC)
QUIET = Options((), own_rules=False)


@pytest.fixture
def state(data: Path, tmp_path: Path) -> Path:
    """Events of two tenants, received and kept before there was a rule."""
    with zipfile.ZipFile(data / CAPTURE) as archive:
        lines = archive.read(archive.namelist()[0]).splitlines(keepends=True)

    async def accept() -> None:
        journal = Journal(tmp_path / "journal")
        for number, tenant in enumerate(("default", "other")):
            sender = Sender(id=f"{number:08x}{0:024x}", tenant=tenant, name=f"edge-{number}")
            await journal.accept(Received(sender, "bulk", "", 1_795_000_000_000_000, b"".join(lines), len(lines)))
        journal.close()

    asyncio.run(accept())
    share = Share(tmp_path, range(4), Stream(QUIET), EventTable(tmp_path / "lake" / "events"))
    while share.step():
        pass
    share.finish()
    share.close()
    return tmp_path


def asked(state: Path, tenant: str = "default") -> Asked:
    return Asked(state, state, tenant, datetime(2020, 1, 1, tzinfo=UTC), NOW)


def looked(state: Path, one: Asked | None = None) -> Late:
    rule = state / "rule.yml"
    rule.write_text(RULE, "utf-8")
    options = replace(QUIET, rules=(rule,))
    return look_again(one or asked(state), detector_of(rules_of(options), options), lambda _, __, ___: None)


def taken_in(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the keeper run for some rounds."""
    monkeypatch.setattr("os.nice", lambda _: 0)  # it is a process of its own, and this is not
    rounds = iter(range(5))
    keep(Office(state, state, QUIET), lambda: next(rounds, None) is None)


def incidents(state: Path, tenant: str) -> list[Incident]:
    with closing(open_store(state, tenant)) as store:
        return [one.incident for one in store.live_incidents(Wanted(most=500))]


def folds(state: Path) -> list[tuple[str, int]]:
    return sorted((fold.id, fold.count) for one in incidents(state, "default") for fold in one.folds)


def test_events_kept_before_the_rule_existed_become_an_incident_that_says_so(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken_in(state, monkeypatch)
    assert incidents(state, "default") == []
    late = looked(state)
    count = late.found.signals.num_rows
    assert (count > 0, late.found.events, late.found.known, late.unknown, late.damaged) == (True, 163, 0, 0, 0)
    taken_in(state, monkeypatch)
    found = incidents(state, "default")
    assert sum(int(note.arguments["signals"]) for one in found for note in one.why if note.code == "incident.late") == count
    assert all(one.why[0].code == "incident.late" for one in found)
    assert incidents(state, "other") == []
    taken_in(state, monkeypatch)  # a new keeper reads the same entries again
    assert folds(state) == sorted((fold.id, fold.count) for one in found for fold in one.folds)


def test_what_was_found_before_is_known_before_and_after_the_keeper_took_it_in(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dry = looked(state, replace(asked(state), dry_run=True))
    assert not late_folder(state / "journal").exists()
    first = looked(state)
    again = looked(state)
    assert (again.found.signals.num_rows, again.found.known) == (0, first.found.signals.num_rows)
    taken_in(state, monkeypatch)
    for path in late_folder(state / "journal").glob("*.wkj"):  # as when it has been long ago, or the journal is new
        path.unlink()
    third = looked(state)
    assert (third.found.signals.num_rows, third.found.known) == (0, dry.found.signals.num_rows)
    assert looked(state, asked(state, "other")).found.signals.num_rows == first.found.signals.num_rows  # it is another's
    taken_in(state, monkeypatch)
    assert incidents(state, "other")  # though the journal began anew, the keeper does not pass over it
    with closing(open_store(state)) as store:
        cursor = store.cursor(CURSOR)
    assert cursor
    assert LATE in Stood.from_bytes(cursor.body).positions


def test_only_one_looks_at_a_time_and_only_where_events_are_kept(state: Path, tmp_path: Path) -> None:
    with alone(state / "journal"), pytest.raises(ValueError, match="being looked at again already"):
        looked(state)
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match="keeps no received events"):
        looked(tmp_path / "empty")


def test_events_before_the_time_are_left_out(state: Path) -> None:
    assert looked(state, replace(asked(state), since=NOW - timedelta(days=7))).found.events == 0


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("7d", NOW - timedelta(days=7)),
        ("12h", NOW - timedelta(hours=12)),
        ("30m", NOW - timedelta(minutes=30)),
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31T10:00:00+02:00", datetime(2026, 1, 31, 8, tzinfo=UTC)),
    ],
)
def test_times_are_understood(text: str, moment: datetime) -> None:
    assert since_of(text, NOW) == moment


@pytest.mark.parametrize("text", ["", "d", "-1d", "0d", "7w", "99999999999d", "tomorrow", "2027-01-01"])
def test_what_is_no_time_in_the_past_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no time|not in the past"):
        since_of(text, NOW)
