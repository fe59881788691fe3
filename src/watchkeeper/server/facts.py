"""Facts for the check-up: what an installation says of itself, on the disk and in the database. Owns gathering, no judgement."""

import shutil
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path

from watchkeeper.autopilot.arriving import Arriving, arriving
from watchkeeper.detection import load_rules
from watchkeeper.journal import backlog, partition_of, partitions
from watchkeeper.journal.segments import segments
from watchkeeper.lake import EventTable
from watchkeeper.lake.newest_rows import newest_rows, written_since
from watchkeeper.model.sender import Sender
from watchkeeper.model.vitals import Vitals
from watchkeeper.notify.routes import FILE, Routes, read_routes
from watchkeeper.server.vitals import read_vitals
from watchkeeper.settings.references import reveal
from watchkeeper.store import Store, Wanted
from watchkeeper.store.outbox import Waiting

LATELY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Facts:
    """What an installation is like at one moment."""

    now: datetime
    vitals: tuple[Vitals, ...]
    unreadable: tuple[str, ...]
    """Files of vitals that are none."""
    free_bytes: int
    """On the disk of the state folder."""
    grown_bytes: int
    """Bytes of events that were stored in the last hour."""
    waiting_bytes: int
    """In the journal and not in the lake yet."""
    is_any_stored: bool
    """Whether any event was ever stored."""
    senders: tuple[Sender, ...]
    shown: int
    """Incidents that people see, of all tenants."""
    hidden: int
    """Incidents that people do not see without asking."""
    messages: Waiting
    routes: Routes
    routes_wrong: str
    """Why the routes cannot be read; empty if they can."""
    secrets_missing: tuple[str, ...]
    """References of routes that lead to no secret, with the reason."""
    arriving: Callable[[], Arriving | None]
    """Looks at the newest events, which takes seconds; none if there are none."""

    @property
    def heard(self) -> Mapping[str, datetime]:
        """When each sender was heard last, as far as running processes know, by id."""
        found: dict[str, datetime] = {}
        for one in self.vitals:
            for heard in one.heard:
                found[heard.sender] = max(heard.last, found.get(heard.sender, heard.last))
        return found


def gathered(state: Path, store: Store, rules: Sequence[Path], now: datetime) -> Facts:
    """Gather the facts of a state folder and its database, whether anything runs on them or not; `rules` are those that are run.

    Raises:
        OSError: the database does not answer, or the disk cannot be read.
    """
    read = read_vitals(state)
    routes, wrong = _routes(state)
    stores = [store.of(tenant) for tenant in store.tenants()]
    everyone = sum(one.count_live_incidents(Wanted()) for one in stores)
    shown = sum(one.count_live_incidents(Wanted(shown=True)) for one in stores)
    return Facts(
        now=now,
        vitals=read.vitals,
        unreadable=read.unreadable,
        free_bytes=shutil.disk_usage(state).free,
        grown_bytes=written_since(_events(state), (now - LATELY).timestamp()),
        waiting_bytes=_waiting(state),
        is_any_stored=any(_events(state).glob("_tenant=*/_day=*/*.parquet")),
        senders=store.every_sender(),
        shown=shown,
        hidden=everyone - shown,
        messages=store.waiting_messages(now),
        routes=routes,
        routes_wrong=wrong,
        secrets_missing=tuple(_missing(routes)),
        arriving=cache(partial(_arriving, _events(state), tuple(rules))),
    )


def _arriving(events: Path, rules: tuple[Path, ...]) -> Arriving | None:
    rows = newest_rows(events)
    return arriving(rows, load_rules(rules)) if rows.num_rows else None


def _events(state: Path) -> Path:
    return state / "lake" / "events"


def _routes(state: Path) -> tuple[Routes, str]:
    try:
        return read_routes(state / FILE), ""
    except (OSError, ValueError) as error:
        return Routes(), str(error)


def _missing(routes: Routes) -> Iterator[str]:
    for route in routes.routes:
        for reference in (getattr(route.to, name, None) for name in ("url", "secret", "password")):
            if isinstance(reference, str) and reference.startswith(("env:", "file:")):
                try:
                    reveal(reference)
                except ValueError as error:
                    yield f"{route.name}: {error}"


def _waiting(state: Path) -> int:
    journal = state / "journal"
    if not journal.is_dir() or not (_events(state) / "_delta_log").is_dir():
        return 0
    table = EventTable(_events(state))
    folders = [partition_of(journal, number) for number in range(partitions(journal))]
    positions = table.positions([folder.name for folder in folders])
    return sum(backlog(folder, -1 if at is None else at) for folder, at in zip(folders, positions, strict=True) if segments(folder))


def port_holder(port: int, vitals: tuple[Vitals, ...]) -> str:
    """Say who has a TCP port of this machine: `free`, `forbidden`, the name of our process, or `other`."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("0.0.0.0", port))  # noqa: S104 -- nobody is listened to: the port is given back at once
        except PermissionError:
            return "forbidden"
        except OSError:
            return _ours(port, vitals) or "other"
    return "free"


def _ours(port: int, vitals: tuple[Vitals, ...]) -> str:
    listening = _inodes(port)
    for one in vitals:
        try:
            if any(str(held.readlink()) in listening for held in Path(f"/proc/{one.pid}/fd").iterdir()):
                return one.process
        except OSError:  # it is gone, or another user's
            continue
    return ""


def _inodes(port: int) -> set[str]:
    """Give the sockets that listen on a port, as descriptors name them."""
    found: set[str] = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        if not Path(table).is_file():
            continue
        for line in Path(table).read_text("ascii").splitlines()[1:]:
            words = line.split()
            if words[3] == "0A" and int(words[1].rpartition(":")[2], 16) == port:
                found.add(f"socket:[{words[9]}]")
    return found
