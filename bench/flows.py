"""What flows that wait cost, and how soon one acts after a person approved. The place is a folder; ethics, ledger and DBOS are real.

    make bench-flows JSON=out.json           1,000 flows
    python bench/flows.py --count 200        fewer

Every incident has one address to block, which takes one approval. Begin: seconds until all wait. Idle: processor time of the process while
nothing happens. Act: from the moment at which an approval is kept until the place was called, one at a time; approvals are kept by the same
process, as the API would by another. Again: seconds after a kill with signal 9 until all wait again. Memory is the process', with the
interpreter and DBOS.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from resident import rss

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.autopilot.durable.conftest import World, incident, keep, world  # the world of the tests: one place for it

from watchkeeper.autopilot.durable.stepping import Pace
from watchkeeper.autopilot.durable.walker import Office, Rhythm, Walker, walk
from watchkeeper.brain.ethics.acting import answer
from watchkeeper.model.proposal import Approval, RecordsWanted

IDLE_SECONDS = 20.0
APPROVED = 40
"""Approvals that are timed, one after the other."""
MIB = 1 << 20


class Timed:
    """Takes the times of one life: until all wait, idle, and from approval to act."""

    def __init__(self, one: World, count: int, acts: int) -> None:
        self.one, self.count, self.acts = one, count, acts
        self.figures: dict[str, Any] = {}
        self.began = time.monotonic()
        self.rested = 0.0
        self.used = 0.0
        self.waits: list[float] = []
        self.asked: tuple[float, int] | None = None
        self.open: list[Any] = []
        self.is_over = False

    def seen(self, walker: Walker) -> None:
        """Take the next time."""
        now = time.monotonic()
        if "begin_seconds" not in self.figures:
            if walker.waking.count >= self.count:
                self.figures |= {"begin_seconds": round(now - self.began, 1), "memory_mib": round(rss() / MIB)}
                self.rested, self.used = now, time.process_time()
        elif "idle_percent" not in self.figures:
            if now - self.rested >= IDLE_SECONDS:
                self.figures["idle_percent"] = round(100 * (time.process_time() - self.used) / (now - self.rested), 2)
                self.open = self._waiting()
        elif self.asked is None or self.one.place.calls("do") > self.asked[1]:
            if self.asked:
                self.waits.append(self._acted() - self.asked[0])
            self.is_over = len(self.waits) >= self.acts
            self.asked = None if self.is_over else self._approve()

    def _acted(self) -> float:
        return (self.one.place.folder / "calls").stat().st_mtime

    def _waiting(self) -> list[Any]:
        with self.one.ledger().alone() as kept:
            return list(kept.records(RecordsWanted(states=("waiting",), most=self.acts + 1)))

    def _approve(self) -> tuple[float, int]:
        record, before = self.open.pop(), self.one.place.calls("do")
        told = Approval(proposal=record.id, digest=record.proposal.digest, by="ann", agrees=True, way="cli", time=datetime.now(UTC))
        answer(self.one.ledger(), told, self.one.about())
        return time.time(), before


def life(folder: Path, count: int, acts: int) -> dict[str, Any]:
    """Walk as a server does, at its own rhythm; give the figures."""
    one = world(folder, folder)
    timed = Timed(one, count, acts)
    with ThreadPoolExecutor(16) as threads:
        office = Office(one.store, folder, one.hands(), threads, lambda *_: None, Pace(), Rhythm())
        asyncio.run(walk(office, lambda: timed.is_over, timed.seen))
    waits = [1_000 * one for one in timed.waits]
    more = {"act_median_ms": round(median(waits)), "act_p95_ms": round(quantiles(waits, n=20)[-1])} if len(waits) > 1 else {}
    return timed.figures | more


def killed(folder: Path, count: int) -> None:
    """Walk until all wait, then die."""
    one = world(folder, folder)

    def seen(walker: Walker) -> None:
        if walker.waking.count >= count:
            os.kill(os.getpid(), signal.SIGKILL)

    with ThreadPoolExecutor(16) as threads:
        office = Office(one.store, folder, one.hands(), threads, lambda *_: None)
        asyncio.run(walk(office, lambda: False, seen))


def forked(work: Callable[[], Any], out: Path) -> Any:
    """Do something in a process of its own; give what it gave, none if it was killed."""
    pid = os.fork()
    if pid == 0:
        out.write_text(json.dumps(work()), "utf-8")
        os._exit(0)
    status = os.waitpid(pid, 0)[1]
    return json.loads(out.read_text("utf-8")) if os.waitstatus_to_exitcode(status) == 0 else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1_000)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder, out = Path(place) / "state", Path(place) / "out.json"
        one = world(folder, folder)
        keep(one.store, *(incident(f"i{number}", (f"203.0.{number // 250 + 1}.{number % 250 + 1}",)) for number in range(asked.count)))
        one.store.close()
        began = time.monotonic()
        forked(lambda: killed(folder, asked.count), out)
        begun = round(time.monotonic() - began, 1)
        again = forked(lambda: life(folder, asked.count, APPROVED), out)
    again["again_seconds"] = again.pop("begin_seconds")
    figures = {"flows": asked.count, "begin_seconds": begun, **again}
    print("\n".join(f"{name:16} {value}" for name, value in figures.items()))
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=1), "utf-8")


if __name__ == "__main__":
    main()
