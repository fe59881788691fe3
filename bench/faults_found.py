"""What is there after the faults, read apart from the product's own readers where that is possible. Owns no judgement."""

import re
import time
from collections import Counter
from collections.abc import Set
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq
from deltalake import DeltaTable
from faults_senders import EVERY, MARK, Sending
from faults_server import Server, until

from watchkeeper.autopilot.handing import unpacked
from watchkeeper.journal import Frames, key_of, partitions
from watchkeeper.store import Wanted, open_store

_NAME = re.compile(MARK + r"-([a-z-]+)-(\d+);")


class Account(NamedTuple):
    """What became of one sender's events."""

    acknowledged: int
    lost: int
    twice: int


def stored(state: Path) -> dict[str, Counter[int]]:
    """Count each event in the Delta table by its kind and number."""
    files = DeltaTable(str(state / "lake" / "events")).file_uris()
    found: dict[str, Counter[int]] = {}
    for path in files:
        column: Any = pq.read_table(path, columns=["_raw"], partitioning=None).column("_raw")
        for raw in column.to_pylist():
            for kind, number in _NAME.findall(raw):
                found.setdefault(kind, Counter())[int(number)] += 1
    return found


def account(acknowledged: set[int], found: Counter[int]) -> Account:
    """Compare what was acknowledged with what is stored."""
    return Account(len(acknowledged), len(acknowledged - set(found)), sum(number > 1 for number in found.values()))


def signals(state: Path) -> Counter[str]:
    """Count the signals that were handed on, by event, as they stand in the journal."""
    journal, found = state / "journal", Counter[str]()
    for number in range(partitions(journal)):
        frames = Frames(journal / f"signals-{number}", key_of(journal))
        for frame in frames.new():
            tables = [one.signals for one in unpacked(frame.head, frame.body)[1].values()]
            for table in tables:
                found.update(str(one) for one in table.column("event_id").to_pylist())
        frames.close()
    return found


def incidents(server: Server) -> list[tuple[Any, ...]]:
    """Give every incident of the store by what it is made of."""
    with closing(open_store(server.database or server.state)) as store:
        rows = store.live_incidents(Wanted(most=500))
    made = [
        (row.incident.id, tuple(sorted((fold.host, fold.rule, fold.count, fold.first, fold.last) for fold in row.incident.folds)))
        for row in rows
    ]
    return sorted(made)


def folded(server: Server) -> int:
    """Give how many signals the incidents hold."""
    return sum(fold[2] for _, folds in incidents(server) for fold in folds)


def judged(server: Server, sending: Sending, gone: Set[int] = frozenset()) -> dict[str, Any]:
    """Wait until everything is worked off, stop, and account for every event; `gone` are those in entries that were damaged by hand."""
    wanted = len([one for one in sending.said["bulk-ids"].acknowledged - gone if one % EVERY == 0])
    drained = server.drained()
    until(lambda: folded(server) >= wanted, 90, f"{wanted} signals are in incidents")
    time.sleep(4)
    kept, made = folded(server), incidents(server)
    stopping, code = server.stop()
    found, told = stored(server.state), signals(server.state)
    events = {kind: account(said.acknowledged - gone, found.get(kind, Counter()))._asdict() for kind, said in sending.said.items()}
    return {
        "events": events, "signals_wanted": wanted, "signals": len(told), "signals_twice": sum(one > 1 for one in told.values()),
        "in_incidents": kept, "drain_seconds": drained, "stop_seconds": stopping, "exit_code": code, "incidents": made,
    }  # fmt: skip
