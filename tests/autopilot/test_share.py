"""A worker's share of the journal: wherever it dies, each event is in the lake once and each signal is handed on once."""

import asyncio
import json
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest

from watchkeeper.autopilot.handing import unpacked
from watchkeeper.autopilot.options import Options
from watchkeeper.autopilot.share import Share, reached
from watchkeeper.autopilot.streaming import Stream
from watchkeeper.journal import Frames, Journal, key_of, partitions
from watchkeeper.lake import EventTable
from watchkeeper.model.received import Received
from watchkeeper.model.sender import Sender

_DUMPS = "C:\\Windows\\System32\\rundll32.exe C:\\Windows\\System32\\comsvcs.dll, MiniDump 624 C:\\Temp\\lsass.dmp full"


def _line(number: int, command: str) -> bytes:
    event = {
        "Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": 1, "Hostname": "WS1.corp.example",
        "SourceName": "Microsoft-Windows-Sysmon", "@timestamp": f"2026-11-26T10:00:{number % 60:02d}.000Z", "RecordNumber": number,
        "Image": "C:\\Windows\\System32\\rundll32.exe", "CommandLine": command, "User": "CORP\\jane",
    }  # fmt: skip
    return json.dumps(event).encode() + b"\n"


def _received(number: int, tenant: str = "default") -> Received:
    lines = [_line(number * 10, "notepad.exe"), _line(number * 10 + 1, _DUMPS), b"Nov 26 10:00:00 ws1 sshd[7]: something else\n"]
    sender = Sender(id=f"{number % 5:08x}{0:024x}", tenant=tenant, name=f"sender-{number % 5}")
    ids = tuple(f"{number}-{place}" for place in range(3)) if number % 2 else ()
    return Received(sender, "bulk", "127.0.0.1", 1_795_000_000_000_000 + number, b"".join(lines), 3, ids)


def _accepted(state: Path, received: list[Received]) -> None:
    async def accept() -> None:
        journal = Journal(state / "journal")
        for one in received:
            await journal.accept(one)
        journal.close()

    asyncio.run(accept())


class _Dying(EventTable):
    """A table whose process dies at one commit, before or after it."""

    def __init__(self, folder: Path, at: int, *, after: bool) -> None:
        super().__init__(folder)
        self._left, self._after = at, after

    def append(self, table: pa.Table, app: str, position: int) -> int:
        self._left -= 1
        if self._left == 0 and not self._after:
            raise SystemExit
        written = super().append(table, app, position)
        if self._left == 0:
            raise SystemExit
        return written


def _run(share: Share) -> None:
    try:
        while share.step():
            pass
        share.finish()
    finally:
        share.close()


def _signals(state: Path) -> Counter[str]:
    found: Counter[str] = Counter()
    for number in range(partitions(state / "journal")):
        frames = Frames(state / "journal" / f"signals-{number}", key_of(state / "journal"))
        for frame in frames.new():
            for one in unpacked(frame.head, frame.body)[1].values():
                found.update(one.signals.column("id").to_pylist())
        frames.close()
    return found


def _events(state: Path) -> pa.Table:
    from deltalake import DeltaTable  # noqa: PLC0415 -- what another reader of the table sees

    return pa.table(DeltaTable(str(state / "lake")).to_pyarrow_table())


def test_received_records_become_events_and_signals_of_their_tenant(tmp_path: Path) -> None:
    _accepted(tmp_path, [_received(number, "acme" if number % 2 else "default") for number in range(10)])
    table = EventTable(tmp_path / "lake")
    _run(Share(tmp_path, range(4), Stream(Options(paths=())), table))
    events = _events(tmp_path)
    assert Counter(events.column("_tenant").to_pylist()) == {"acme": 15, "default": 15}
    assert len(set(events.column("_id").to_pylist())) == 30
    assert Counter(events.column("_product").to_pylist())["windows"] == 20
    signals = _signals(tmp_path)
    assert len(signals) >= 10
    assert set(signals.values()) == {1}


@pytest.mark.parametrize(("at", "after"), [(1, False), (1, True), (3, False), (3, True)])
def test_a_death_at_a_commit_loses_and_doubles_nothing(tmp_path: Path, at: int, *, after: bool) -> None:
    whole = tmp_path / "whole"
    for state in (whole, tmp_path / "cut"):
        _accepted(state, [_received(number) for number in range(10)])
    _run(Share(whole, range(4), Stream(Options(paths=())), EventTable(whole / "lake")))
    state = tmp_path / "cut"
    with pytest.raises(SystemExit):
        _run(Share(state, range(4), Stream(Options(paths=())), _Dying(state / "lake", at, after=after)))
    _accepted(state, [])
    _run(Share(state, range(4), Stream(Options(paths=())), EventTable(state / "lake")))
    assert sorted(_events(state).column("_id").to_pylist()) == sorted(_events(whole).column("_id").to_pylist())
    assert _signals(state) == _signals(whole)


def test_what_comes_again_under_its_own_id_is_known_after_a_restart(tmp_path: Path) -> None:
    _accepted(tmp_path, [_received(1)])
    _run(Share(tmp_path, range(4), Stream(Options(paths=())), EventTable(tmp_path / "lake")))
    _accepted(tmp_path, [_received(1), _received(3)])
    _run(Share(tmp_path, range(4), Stream(Options(paths=())), EventTable(tmp_path / "lake")))
    assert _events(tmp_path).num_rows == 6


def test_an_entry_that_cannot_be_taken_in_is_put_aside_and_the_others_go_on(tmp_path: Path) -> None:
    class Failing(Stream):
        def take(self, received: Received, sequence: int, into: object) -> None:
            if received.body.startswith(_line(20, "notepad.exe")[:20]) and b'"RecordNumber": 20,' in received.body:
                raise ValueError("a poisonous record")
            super().take(received, sequence, into)  # type: ignore[arg-type]  # the same object

    _accepted(tmp_path, [_received(number) for number in range(5)])
    table = EventTable(tmp_path / "lake")
    share = Share(tmp_path, range(4), Failing(Options(paths=())), table)
    _run(share)
    assert share.set_aside == 1
    assert _events(tmp_path).num_rows == 12
    told = list((tmp_path / "journal" / "aside").glob("*.txt"))
    assert [one.read_text() for one in told] == ["ValueError: a poisonous record\n"]
    assert max(reached(table, range(4))) >= 0
