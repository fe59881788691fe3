"""Late: rules or indicators that came after the events, over what the lake keeps of a tenant. Owns which events, and what is known already.

Signals go to the keeper through the journal, as those of workers do, so it alone writes incidents.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import closing, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from watchkeeper.autopilot.late_signals import LATE, alone, hand_on, handed_before
from watchkeeper.autopilot.live.desk import Stood
from watchkeeper.autopilot.live.keeper import CURSOR
from watchkeeper.autopilot.live.recent_signals import recent_signals
from watchkeeper.autopilot.redetection import Redetected, redetect
from watchkeeper.detection import Detector
from watchkeeper.ingest.native import native_fields
from watchkeeper.lake import StoredEvents
from watchkeeper.model.batch import Batch
from watchkeeper.model.live import LiveIncident
from watchkeeper.model.query import Query
from watchkeeper.store import Store, Wanted, open_store

Told = Callable[[datetime, int, int], None]
"""Told the day that is looked at, UTC, how many events were looked at before, and how many there are."""
_EVERY = 1 << 40
_PAGE = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """Which events are looked at again, and what becomes of the signals."""

    state: Path
    """Folder with the lake and the journal."""
    database: Path | str
    """Where the state database is."""
    tenant: str
    since: datetime
    """Events from then on, UTC."""
    now: datetime
    """Events up to then, UTC, and what signals say of when they were found."""
    dry_run: bool = False
    """Hand nothing on."""


@dataclass(frozen=True, slots=True)
class Late:
    """What came of it."""

    found: Redetected
    unknown: int
    """Signals of incidents since then of which it is not kept any more which they were: they may be among the new ones."""
    damaged: int
    """Entries of the journal that could not be read; what they held may be among the new ones."""
    unraised: tuple[str, ...]
    """Matches of intelligence that were not raised, and why."""


@dataclass(frozen=True, slots=True)
class Before:
    """What was found before."""

    ids: Collection[str]
    unknown: int
    damaged: int


def look_again(asked: Asked, detector: Detector, told: Told) -> Late:
    """Run a fresh detector over the kept events of a tenant, day by day, and hand what is new on to the keeper.

    Raises:
        OSError: there is no lake, or the lake, the journal or the database cannot be read or written.
        ValueError: somebody else looks at kept events of this state already, or another version kept it.
    """
    lake, journal = asked.state / "lake" / "events", asked.state / "journal"
    if not lake.is_dir():
        raise FileNotFoundError(f"{str(asked.state)!r} keeps no received events: `watchkeeper serve` keeps them; --state names its folder")
    with (
        nullcontext() if asked.dry_run else alone(journal),
        closing(open_store(asked.database, asked.tenant)) as store,
        closing(StoredEvents(lake, asked.tenant, native_fields)) as events,
    ):
        before = found_before(store, journal, asked)
        found = redetect(detector, _kept(events, asked, told), asked.now, frozenset(before.ids).intersection)
        if found.signals.num_rows and not asked.dry_run:
            hand_on(journal, asked.tenant, found.signals, _read_late(store) + 1)
    return Late(found, before.unknown, before.damaged, detector.unraised)


def found_before(store: Store, journal: Path, asked: Asked) -> Before:
    """Give which signals a tenant has, as far as that is kept: those on their way, those of recent sessions, and what stands for others.

    Raises:
        ValueError: another version kept them.
    """
    way = list(handed_before(journal, asked.tenant, _positions(store)))  # first: what is taken in meanwhile stands in the store after it
    ids = {id_ for some in way for id_ in some or ()}
    ids.update(map(str, recent_signals(store).column("id").to_pylist()))
    unknown = 0
    for incident in _incidents(store, asked):
        for fold in incident.incident.folds:
            missing = fold.count - len(fold.exemplars)
            unknown += missing if missing > 0 and not ids.issuperset(fold.exemplars) else 0
            ids.update(fold.exemplars)
    return Before(ids, unknown, sum(some is None for some in way))


def _kept(events: StoredEvents, asked: Asked, told: Told) -> Iterator[Batch]:
    days = events.days(asked.since, asked.now)
    total, done = sum(count for _, count in days), 0
    for day, count in days:
        told(day, done, total)
        end = min(day + timedelta(days=1) - timedelta(microseconds=1), asked.now)
        yield from events.batches(Query(start=max(day, asked.since), end=end, limit=_EVERY), ordered=False)
        done += count


def _incidents(store: Store, asked: Asked) -> Iterator[LiveIncident]:
    after: tuple[datetime, str] | None = None
    while page := store.live_incidents(Wanted(since=asked.since, merged=True, order="updated", after=after, most=_PAGE)):
        yield from page
        after = page[-1].updated, page[-1].incident.id


def _positions(store: Store) -> dict[str, int]:
    cursor = store.cursor(CURSOR)
    return dict(Stood.from_bytes(cursor.body).positions) if cursor else {}


def _read_late(store: Store) -> int:
    """Give the number up to which the keeper has read late signals: what is handed on has to come after it, also in a new journal."""
    return max(_positions(store.of(tenant)).get(LATE, -1) for tenant in store.tenants())


def since_of(text: str, now: datetime) -> datetime:
    """Give the moment that a person means by `7d`, `12h`, `30m`, or a date or time, which is UTC where it does not say.

    Raises:
        ValueError: it is none of these, or lies ahead.
    """
    unit = {"d": "days", "h": "hours", "m": "minutes"}.get(text[-1:])
    try:
        given = now - timedelta(**{unit: int(text[:-1])}) if unit else datetime.fromisoformat(text)
        moment = given.astimezone(UTC) if given.tzinfo else given.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text[:40]!r} is no time: write 7d, 12h, 30m, or a date such as 2026-01-31") from error
    if moment >= now:
        raise ValueError(f"{text[:40]!r} is not in the past")
    return moment
