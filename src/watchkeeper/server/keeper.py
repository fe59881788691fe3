"""The keeper process: signals of all workers in, incidents, messages and a tidy lake out. Owns the loop; `autopilot` does the work."""

import os
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog

from watchkeeper.autopilot.gathering import rules_of
from watchkeeper.autopilot.handing import NOTHING, Found, Part, unpacked
from watchkeeper.autopilot.late_signals import LATE, REMEMBERED_SECONDS, late_folder
from watchkeeper.autopilot.live.around import Surroundings
from watchkeeper.autopilot.live.flowing import Flowing
from watchkeeper.autopilot.live.keeper import Around, Keeper, SignalFrame
from watchkeeper.autopilot.options import Options
from watchkeeper.journal import Frames, key_of, partition_of, partitions, trim
from watchkeeper.lake import Upkeep
from watchkeeper.model.live import LiveIncident
from watchkeeper.server.alone import Alone
from watchkeeper.server.awaiting import awaited
from watchkeeper.server.messenger import Messenger
from watchkeeper.server.processes import Stopping
from watchkeeper.server.state_figures import note_state
from watchkeeper.server.vitals import Pulse
from watchkeeper.store import Store

IDLE_SECONDS = 0.1
MESSAGES_SECONDS = 2.0
UPKEEP_SECONDS = 60.0
FIGURES_SECONDS = 5.0
_POLITE = 10

_log = structlog.get_logger("watchkeeper.keeper")


@dataclass(frozen=True, slots=True)
class Office:
    """What the keeper process does."""

    state: Path
    database: Path | str
    options: Options


class Beat:
    """Says when something is due that is done every so many seconds."""

    def __init__(self, seconds: float) -> None:
        """Take the seconds; it is due at once."""
        self._seconds = seconds
        self._due = 0.0

    def __call__(self) -> bool:
        """Say whether it is due, and if so, when it is due next."""
        now = time.monotonic()
        if now < self._due:
            return False
        self._due = now + self._seconds
        return True


@dataclass(slots=True)
class Signals:
    """One partition of the journal in which signals are handed on: a worker's, or that of what was found late."""

    folder: Path
    partition: str
    """Name of the partition of received records that they are about."""
    frames: Frames
    read: dict[int, int]
    """Of the frames that are not saved yet: their number, by the number up to which they speak."""
    stays_seconds: float = 0.0
    """Segments stay so long, though they are saved."""

    def trim(self, saved: int) -> None:
        """Remove what is saved; the last frame of all stays, since it says how far signals were handed on."""
        done = [upto for upto in self.read if upto <= saved]
        if done:
            trim(self.folder, max(self.read[upto] for upto in done) - 1, self.stays_seconds)
            self.read = {upto: number for upto, number in self.read.items() if upto > saved}


def keep(office: Office, stopping: Stopping) -> None:
    """Make incidents of signals until told to stop; then save.

    Raises:
        OSError: the journal, the lake or the database cannot be read or written; the supervisor starts another.
        ValueError: rules or the inventory cannot be used.
    """
    os.nice(_POLITE)  # what comes in goes before what is made of it, where both want the machine
    pulse = Pulse(office.state, "keeper")
    with pulse.beating():
        store = awaited(office.database, pulse, stopping)
        if store is not None:
            with closing(store):
                _kept(office, store, pulse, stopping)


def _kept(office: Office, store: Store, pulse: Pulse, stopping: Stopping) -> None:
    table = office.state / "lake" / "events"
    with (
        closing(Surroundings(office.options, table)) as world,
        ThreadPoolExecutor(1, thread_name_prefix="flow") as flow,
        ThreadPoolExecutor(1, thread_name_prefix="upkeep") as tidying,
        ThreadPoolExecutor(1, thread_name_prefix="messages") as sending,
    ):
        messenger = Messenger(office.state, store, pulse)
        keeper = Keeper(_around(office, store, world, messenger), Flowing(flow))
        for tenant in store.tenants():
            keeper.open(tenant)
        signals = _signals(office.state / "journal")
        rounds = Rounds(
            Alone(sending, messenger.round), lambda: tidying.submit(_tidied, Upkeep(table)), lambda: _noted(pulse, store, keeper)
        )
        pulse.phase("running")
        while not stopping():
            taken = sum(_taken(keeper, one, pulse) for one in signals)
            keeper.tick(datetime.now(UTC))
            for one in signals:
                one.trim(keeper.position(one.partition))
            rounds.due()
            if not taken:
                time.sleep(IDLE_SECONDS)
        pulse.phase("stopping")
        keeper.save(datetime.now(UTC))
        for one in signals:
            one.frames.close()


class Rounds:
    """What is done every so often beside the signals."""

    def __init__(self, send: Callable[[], object], tidy: Callable[[], object], note: Callable[[], object]) -> None:
        """Take what sends messages, tidies the lake and notes figures."""
        self._all = ((Beat(MESSAGES_SECONDS), send), (Beat(UPKEEP_SECONDS), tidy), (Beat(FIGURES_SECONDS), note))

    def due(self) -> None:
        """Do what is due; what fails is logged, and tried again when it is due again."""
        for beat, work in self._all:
            if beat():
                try:
                    work()
                except OSError as error:
                    _log.error("could not be done now", why=str(error))


def _around(office: Office, store: Store, world: Surroundings, messenger: Messenger) -> Around:
    def tell(tenant: str, before: LiveIncident | None, after: LiveIncident) -> None:
        messenger.tell(tenant, world.asset_of, before, after)

    return Around(
        store_of=store.of,
        knowledge_of=world.knowledge_of,
        world_of=world.world_of,
        tell=tell,
        watch_days=office.options.watch_days,
        correlations=rules_of(office.options).correlations,
    )


def _signals(journal: Path) -> list[Signals]:
    key = key_of(journal)
    found = [(journal / f"signals-{number}", partition_of(journal, number).name) for number in range(partitions(journal))]
    late = Signals(late_folder(journal), LATE, Frames(late_folder(journal), key), {}, REMEMBERED_SECONDS)
    return [*(Signals(folder, partition, Frames(folder, key), {}) for folder, partition in found), late]


def _taken(keeper: Keeper, signals: Signals, pulse: Pulse) -> int:
    """Take in what was handed on since; give how many entries that were."""
    count = 0
    for frame in signals.frames.new():
        count += 1
        try:
            part, found = unpacked(frame.head, frame.body)
        except ValueError as error:
            _log.error("signals were passed over", why=str(error), partition=signals.partition)
            continue
        signals.read[part.upto] = frame.sequence
        for tenant in {*found, *part.events, *(tenant for tenant, _ in part.heard.values())}:
            keeper.take(_frame(signals.partition, part, tenant, found.get(tenant, NOTHING)))
        for level, number in Counter(level for one in found.values() for level in one.signals.column("level").to_pylist()).items():
            pulse.add("signals", number, level=str(level))
    return count


def _frame(partition: str, part: Part, tenant: str, found: Found) -> SignalFrame:
    return SignalFrame(
        partition=partition,
        upto=part.upto,
        tenant=tenant,
        signals=found.signals,
        counted=tuple(one.tally for one in found.counted),
        heard={sender: time for sender, (of, time) in part.heard.items() if of == tenant},
    )


def _tidied(upkeep: Upkeep) -> None:
    try:
        upkeep.upkeep(datetime.now(UTC))
    except (OSError, ValueError) as error:
        _log.error("the lake could not be tidied now", why=str(error))


def _noted(pulse: Pulse, store: Store, keeper: Keeper) -> None:
    """Say what hinders saving incidents, and how many there are."""
    pulse.phase("running", next((one.failure for one in keeper.tenants.values() if one.failure), ""))
    note_state(pulse, store, sum(len(one.desk.silence.heard.silent) for one in keeper.tenants.values()))
