"""Faults one at a time: a stop, an end of everything at once, a full disk, a database that goes away, a damaged journal."""

import os
import random
import re
import signal
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from faults_found import judged
from faults_postgres import Postgres
from faults_senders import MARK, Sending
from faults_server import Server, until

from watchkeeper.journal import Frames, key_of, partition_of, partitions
from watchkeeper.journal.accepting import place_of
from watchkeeper.journal.received import read
from watchkeeper.journal.segments import segments
from watchkeeper.server.vitals import read_vitals, total

Figures = dict[str, Any]
_SMALL = 1_300 << 20
"""Bytes of the small disk: more than is always left free, and little more."""
_NUMBER = re.compile(rf"{MARK}-bulk-ids-(\d+);".encode())


def stopped(folder: Path) -> Figures:
    """Tell the server to stop under load, and start it again."""
    server, sending = _under_load(folder / "stopped")
    seconds, code = server.stop()
    server.start()
    return {**_ended(server, sending), "stopped_seconds": seconds, "stopped_code": code}


def ended_at_once(folder: Path) -> Figures:
    """Kill every process at once, and start the server again."""
    server, sending = _under_load(folder / "ended")
    server.kill_whole()
    began, before = time.monotonic(), sending.sent()["bulk-ids"]
    server.start()
    until(lambda: sending.sent()["bulk-ids"] > before, 120, "something is acknowledged again")
    taken = time.monotonic() - began
    server.ready()
    works = time.monotonic() - began
    return {**_ended(server, sending), "acknowledged_again_seconds": taken, "all_work_seconds": works, "load_average": os.getloadavg()[0]}


def database_away(folder: Path) -> Figures:
    """Stop PostgreSQL while events come, and start it again."""
    postgres = Postgres.found()
    if postgres is None:
        return {"skipped": "no PostgreSQL is installed here"}
    try:
        server, sending = _under_load(folder / "database", postgres.url)
        postgres.stop()
        before, stored = sending.sent()["bulk"], _stored(server)
        until(lambda: _hindered(server, "keeper") != "", 60, "the keeper says that it is hindered")
        until(lambda: _stored(server) > stored, 60, "events are stored without the database")
        until(lambda: sending.sent()["bulk"] > before + 500, 60, "events are accepted without the database")
        hindered, during = _hindered(server, "keeper"), sending.sent()["bulk"] - before
        server.kill("keeper")
        time.sleep(8)
        anew = _hindered(server, "keeper")
        postgres.start()
        after = until(lambda: _hindered(server, "keeper") == "", 60, "the keeper is hindered no longer")
        found = _ended(server, sending)
        return {**found, "accepted_meanwhile": during, "hindered": hindered, "hindered_anew": anew, "well_after_seconds": after}
    finally:
        postgres.remove()


def disk_full(folder: Path) -> Figures:
    """Leave no room at all, then less than is kept free, then room again."""
    if os.geteuid() != 0:
        return {"skipped": "a small disk is mounted by root only"}
    with _mounted(folder / "disk") as place:
        server, sending = _under_load(place / "state")
        filler = place / "filler"
        _filled(filler, leave=0)
        refused = until(lambda: _refused(sending) > 0, 60, "senders are told that there is no room")
        time.sleep(6)
        full = _refused(sending)
        filler.unlink()
        before = sending.sent()["bulk"]
        again = until(lambda: sending.sent()["bulk"] > before, 90, "events are accepted again")
        _filled(filler, leave=512 << 20)
        until(lambda: _refused(sending) > full, 60, "senders are told that little room is left")
        until(lambda: _hindered(server, "web") != "", 30, "the web process says that little room is left")
        hindered = _hindered(server, "web")
        filler.unlink()
        without = sum(said.without_time for said in sending.said.values())
        found = _ended(server, sending)
        told = {"refused_after_seconds": refused, "refused": _refused(sending), "refused_without_time": without}
        return {**found, **told, "again_after_seconds": again, "hindered": hindered}


def damaged(folder: Path) -> Figures:
    """Overwrite and append bytes at the end of a partition of the journal that was not worked off yet, while the server is down."""
    server, sending = _under_load(folder / "damaged")
    for one in server.parts():
        if one.process.startswith("worker"):
            os.kill(one.pid, signal.SIGSTOP)
    time.sleep(4)
    sending.pause_all()
    server.kill_whole()
    number = place_of(f"{0:032x}", partitions(server.state / "journal"))
    whole, left = _harmed(server.state / "journal", number)
    server.start()
    server.ready()
    sending.go_on()
    found = _ended(server, sending, whole - left)
    done = subprocess.run(
        [*server.command, "doctor", "--state", str(server.state)], capture_output=True, text=True, check=False, env=server.environment
    )
    bytes_ = total(read_vitals(server.state).vitals, "journal_damaged_bytes") or 0
    return {
        **found,
        "events_in_damaged_entries": len(whole - left),
        "damaged_bytes": bytes_,
        "doctor_says": "no whole entry" in done.stdout,
    }


def _under_load(state: Path, database: str = "") -> tuple[Server, Sending]:
    server = Server(state, database)
    server.prepare()
    server.start()
    server.ready()
    sending = Sending(server)
    sending.start()
    time.sleep(3)
    return server, sending


def _ended(server: Server, sending: Sending, gone: frozenset[int] = frozenset()) -> Figures:
    server.ready()
    time.sleep(1)
    sending.stop()
    return judged(server, sending, gone)


def _stored(server: Server) -> float:
    return total(tuple(server.parts()), "lake_events") or 0.0


def _hindered(server: Server, process: str) -> str:
    return next((one.hindered for one in read_vitals(server.state).vitals if one.process == process), "")


def _refused(sending: Sending) -> int:
    return sum(said.answers["429"] + said.answers["503"] for said in sending.said.values())


@contextmanager
def _mounted(place: Path) -> Generator[Path]:
    place.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_SMALL}", "small", str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def _filled(path: Path, leave: int) -> None:
    """Take all room but so much; others write meanwhile, so that the last of it is taken bit by bit."""
    about = os.statvfs(path.parent)
    with path.open("wb", buffering=0) as file:
        os.posix_fallocate(file.fileno(), 0, max(1, about.f_bavail * about.f_frsize - leave - (8 << 20)))
        file.seek(0, os.SEEK_END)
        size = 1 << 20
        while not leave and size >= 1 << 10:
            try:
                file.write(bytes(size))
            except OSError:
                size //= 2


def _harmed(journal: Path, number: int) -> tuple[frozenset[int], frozenset[int]]:
    """Do the damage; give which events stood in whole entries before and after."""
    chance = random.Random(number)  # noqa: S311 -- it says where bytes are overwritten, and keeps no secret
    before = _held(journal, number)
    path = segments(partition_of(journal, number))[-1]
    data = bytearray(path.read_bytes())
    for _ in range(3):
        at = len(data) - 1 - chance.randrange(min(len(data) - 8, 4_000))
        data[at : at + 8] = chance.randbytes(8)
    path.write_bytes(bytes(data) + chance.randbytes(5_000))
    return before, _held(journal, number)


def _held(journal: Path, number: int) -> frozenset[int]:
    frames = Frames(partition_of(journal, number), key_of(journal))
    found = frozenset(int(one) for frame in frames.new() for one in _NUMBER.findall(read(frame.head, frame.body).body))
    frames.close()
    return found
