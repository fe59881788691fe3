"""How long a ruling takes where bulk actions are in force. The ledger is the store's, in SQLite; the place does nothing.

    make bench-rulings JSON=out.json             50 lists of 60,000 addresses
    python bench/rulings.py --count 10           fewer

Propose, answer and act are one block of one address that is on none of the lists; due is the question what time asks for. A list of its
own is proposed last: its 60,000 targets are looked at one by one.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.brain.ethics.conftest import World, proposal, word  # the world of the tests: one place for it

from watchkeeper.brain.ethics.acting import act, answer, due, propose
from watchkeeper.brain.ethics.ledger import Ledger
from watchkeeper.model.audit import Happened
from watchkeeper.model.autonomy import Ruling
from watchkeeper.model.entity import Entity
from watchkeeper.model.note import Note
from watchkeeper.model.proposal import ActionRecord
from watchkeeper.store import open_store
from watchkeeper.store.anchor import AnchorFile
from watchkeeper.store.audit import AuditLog

TARGETS = 60_000
_RULING = Ruling(outcome="run", level="L3", approvals=0, why=(Note(code="ethics.within"),))


def addresses(net: int) -> tuple[Entity, ...]:
    """Give a list of addresses that no other number gives."""
    return tuple(Entity(kind="address", value=f"{net}.{n >> 16}.{n >> 8 & 255}.{n & 255}") for n in range(TARGETS))


def keep(ledger: Ledger, world: World, count: int) -> None:
    """Keep lists as if they had been blocked an hour ago."""
    for number in range(count):
        asked = proposal(incident=f"list-{number}", targets=addresses(number + 11), arguments={"verified_list": "feed"})
        times = {
            "made": world.now,
            "changed": world.now,
            "done": world.now - timedelta(hours=1),
            "expires": world.now + timedelta(hours=20),
        }
        record = ActionRecord(proposal=asked, state="verified", ruling=_RULING, place="fake", objects=TARGETS, **times)
        with ledger.alone() as kept:
            kept.put(record, Happened(time=world.now, tenant="default", who="bench", what="kept"))


def timed(what: Callable[[], object]) -> float:
    """Give the seconds that something takes."""
    began = time.monotonic()
    what()
    return round(time.monotonic() - began, 3)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--json", type=Path)
    told = parser.parse_args()
    world, one = World(), proposal()
    with TemporaryDirectory() as folder, closing(open_store(Path(folder))) as store:
        ledger = store.ledger(AuditLog(store.database, AnchorFile(Path(folder))))
        keep(ledger, world, told.count)
        figures = {
            "propose": timed(lambda: propose(ledger, one, world.about)),
            "answer": timed(lambda: answer(ledger, word(one, "ann", world), world.about)),
            "act": timed(lambda: act(ledger, one.id, world.about)),
            "due": timed(lambda: due(ledger, world.about)),
            "propose a list": timed(lambda: propose(ledger, proposal(incident="new", targets=addresses(99)), world.about)),
        }
    sys.stdout.write(f"{told.count} lists of {TARGETS:,} addresses in force, seconds\n")
    sys.stdout.write("".join(f"{seconds:>8.3f}  {name}\n" for name, seconds in figures.items()))
    if told.json:
        told.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
