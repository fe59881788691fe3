"""The keeper: frames of signals in, incidents in the store out, tenant by tenant. Owns what is done when; a tenant's state is `desk`'s.

What is kept of a tenant is saved in one transaction: incidents, how far its frames were read, and all that is needed to go on. So wherever
it is stopped, the frames after the last save come again and nothing is counted twice or lost. Frames are read, and saved from time to time;
how often follows from what it costs.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from time import monotonic

import pyarrow as pa

from watchkeeper.autopilot.live.desk import Desk, Stood
from watchkeeper.autopilot.live.flowing import Flowing, Wish
from watchkeeper.autopilot.live.learning import Learnt, learnt_of
from watchkeeper.autopilot.live.turning import Results, Turn, not_closed, turned
from watchkeeper.autopilot.telling import Change
from watchkeeper.autopilot.track import watches
from watchkeeper.autopilot.world import World
from watchkeeper.correlation import Knowledge
from watchkeeper.detection.counting import Tally
from watchkeeper.detection.sigma import Correlation
from watchkeeper.model.incident import Incident
from watchkeeper.model.live import Cursor
from watchkeeper.model.message import Outgoing
from watchkeeper.store import Advance, Store

CURSOR = "live"
"""Name of the cursor with a tenant's state; its signals are in others beside it, of the same name with a number."""
PAUSE_SECONDS, PAUSE_SHARE = 2.0, 9.0
"""A tenant with news is looked at after so long, and after so many times as long as that took last: it costs a tenth of a core at most."""
LEARN_SECONDS = 10.0
"""What people said is read anew so often."""


@dataclass(frozen=True, slots=True)
class SignalFrame:
    """Signals that a worker found in some events, of one tenant."""

    partition: str
    """Name of the journal's partition that the events are from."""
    upto: int
    """Number of the last received thing that was read for it; frames of a partition come in order."""
    tenant: str
    signals: pa.Table
    """Rows as in `SIGNAL_SCHEMA`."""
    counted: Sequence[Tally] = ()
    """What correlation rules count of the events."""
    heard: Mapping[str, int] = field(default_factory=dict[str, int])
    """Senders by id with the time when something came from each last, µs since 1970, whether or not anything fired."""


@dataclass(frozen=True, slots=True)
class Around:
    """What the keeper asks of the world."""

    store_of: Callable[[str], Store]
    """Gives a tenant's store."""
    knowledge_of: Callable[[str], Knowledge]
    """Gives what is known of a tenant's assets."""
    world_of: Callable[[str], World]
    """Gives what steps may ask for, but what follows from incidents themselves."""
    tell: Callable[[Change], Sequence[Outgoing]]
    """Gives the messages that a change of an incident sets on their way."""
    watch_days: int = 90
    """How long what follows an attacker is looked out for, if nobody closes the incident before."""
    correlations: Sequence[Correlation] = ()
    """Rules that count."""
    clock: Callable[[], float] = monotonic


@dataclass(slots=True)
class Kept:
    """A tenant that is looked after."""

    desk: Desk
    learnt: Learnt
    learnt_at: float
    results: Results = field(default_factory=Results)
    to_watch: list[Incident] = field(default_factory=list[Incident])
    """Incidents that were followed, of which it is not saved yet what is looked out for because of them."""
    news: bool = False
    rests_until: float = 0.0
    seconds: float = 0.0
    """How long the last look and save took."""
    failure: str = ""
    """Why it could not be saved when that was tried last; empty if it was."""
    unsaved: dict[str, int] = field(default_factory=dict[str, int])
    """By partition: the number before the first frame that is not saved yet."""


class Keeper:
    """Looks after the signals of all tenants."""

    def __init__(self, around: Around, flowing: Flowing) -> None:
        """Take what it asks of the world, and what follows incidents; nothing is read yet."""
        self._around = around
        self._flowing = flowing
        self._tenants: dict[str, Kept] = {}
        self._read: dict[str, int] = {}

    @property
    def tenants(self) -> Mapping[str, Kept]:
        """Who is looked after, for those who show how it goes."""
        return self._tenants

    def position(self, partition: str) -> int:
        """Give up to which number everything of a partition is saved; frames after it have to come again after a stop. -1: nothing."""
        read = self._read.get(partition, -1)
        return min((one.unsaved.get(partition, read) for one in self._tenants.values()), default=read)

    def open(self, tenant: str) -> None:
        """Look after a tenant from now on: go on where it was saved, and notice when its senders fall silent.

        Raises:
            OSError: the store cannot be read.
            ValueError: what it kept is of another version.
        """
        if tenant not in self._tenants:
            self._tenants[tenant] = self._opened(tenant)

    def take(self, frame: SignalFrame) -> bool:
        """Take in a frame; say whether it was new.

        Raises:
            OSError: the store cannot be read.
        """
        self.open(frame.tenant)
        one = self._tenants[frame.tenant]
        before = one.desk.positions.get(frame.partition, -1)
        self._read[frame.partition] = max(frame.upto, self._read.get(frame.partition, -1))
        if frame.upto <= before:
            return False
        one.unsaved.setdefault(frame.partition, before)
        one.desk.positions[frame.partition] = frame.upto
        for sender, time in frame.heard.items():
            one.desk.silence.hear(sender, time)
        for tally in frame.counted:
            one.desk.counting.take(tally, datetime.now(UTC))
        _taken(one, frame.signals)
        return True

    def tick(self, now: datetime) -> tuple[str, ...]:
        """Do what is due: look at tenants with news, save, let incidents be followed; give the tenants that were saved.

        What cannot be saved of a tenant since the store fails is tried again later, and keeps no other tenant waiting.
        """
        self._take_results()
        due = [tenant for tenant, one in self._tenants.items() if self._around.clock() >= one.rests_until]
        return tuple(tenant for tenant in due if self._is_saved(tenant, self._tenants[tenant], now))

    def save(self, now: datetime) -> None:
        """Look at every tenant and save it, as before a stop.

        Raises:
            OSError: the store cannot be read or written.
        """
        for tenant, one in self._tenants.items():
            self._turn(tenant, one, now)

    def _opened(self, tenant: str) -> Kept:
        store = self._around.store_of(tenant)
        cursor = store.cursor(CURSOR)
        stood = Stood.from_bytes(cursor.body) if cursor else None
        parts = {number: kept.body for number in (stood.parts if stood else ()) if (kept := store.cursor(_part(number)))}
        learnt = learnt_of(store, CURSOR)
        desk = Desk(learnt.applied(self._around.knowledge_of(tenant)), self._around.correlations, stood, parts)
        rows = [row for id_ in desk.told if (row := store.live_incident(id_))]
        followed = {id_: told.followed for id_, told in desk.told.items() if told.followed}
        results = Results({row.incident.id: not_closed(row.incident) for row in rows}, followed)
        return Kept(desk, learnt, self._around.clock(), results, news=stood is not None)

    def _is_saved(self, tenant: str, one: Kept, now: datetime) -> bool:
        """Look at a tenant if there are news; say whether it was saved."""
        one.rests_until = self._around.clock() + PAUSE_SECONDS
        try:
            saved = self._looked(tenant, one, now)
        except OSError as error:
            one.failure, one.news = f"{type(error).__name__}: {error}", True
            return False
        one.failure = ""
        return saved

    def _looked(self, tenant: str, one: Kept, now: datetime) -> bool:
        """Look at a tenant if there are news; say whether there were."""
        silent = one.desk.silence.look(self._around.store_of(tenant).senders(), now)
        _taken(one, silent.signals)
        _taken(one, one.desk.counting.told(now))
        one.news = one.news or bool(silent.spoke)
        if one.news or one.unsaved:
            self._turn(tenant, one, now)
            return True
        return False

    def _turn(self, tenant: str, one: Kept, now: datetime) -> None:
        began = self._around.clock()
        store = self._around.store_of(tenant)
        self._learn(tenant, one, store)
        turn = turned(one.desk, one.results, one.learnt, self._around.knowledge_of(tenant).asset_of)
        self._saved(store, one, turn, now)
        self._remember(store, one, turn)
        self._follow(tenant, one, turn)
        one.seconds = self._around.clock() - began
        one.rests_until = self._around.clock() + max(PAUSE_SECONDS, PAUSE_SHARE * one.seconds)

    def _learn(self, tenant: str, one: Kept, store: Store) -> None:
        """Take note of what people said meanwhile."""
        if self._around.clock() - one.learnt_at < LEARN_SECONDS:
            return
        learnt, one.learnt_at = learnt_of(store, CURSOR, one.learnt.drawing_key), self._around.clock()
        if learnt.attacks != one.learnt.attacks:
            one.desk.unlearn(learnt.attacks)
        one.learnt = learnt
        one.desk.know(learnt.applied(self._around.knowledge_of(tenant)))

    def _saved(self, store: Store, one: Kept, turn: Turn, now: datetime) -> None:
        """Save what was found and how far it was read, in one transaction; until then nothing counts as done."""
        standing = one.desk.stand(turn.told)
        state, parts = standing.state, standing.parts
        cursor = Cursor(name=CURSOR, position=state.turn, body=state.to_bytes())
        beside = tuple(Cursor(name=_part(number), position=state.turn, body=body) for number, body in parts.made.items())
        done = tuple(_part(number) for number in parts.gone)
        made = Advance(cursor=cursor, incidents=turn.changed, merged=turn.merged, beside=beside, done=done)
        store.advance(replace(made, outgoing=tuple(self._told(store, turn)), standings=turn.reopened(now)), now)
        one.desk.saved(standing)
        one.results.keep(turn.held)
        one.news = False
        one.unsaved.clear()

    def _remember(self, store: Store, one: Kept, turn: Turn) -> None:
        """Keep what later judgements learn from."""
        while one.to_watch:
            incident, now = one.to_watch[0], datetime.now(UTC)
            store.save_watches(incident.id, watches([incident], incident.id, now, self._around.watch_days))
            del one.to_watch[0]
        if turn.changed:
            store.save_subjects(CURSOR, turn.subjects)
        if (hours := one.desk.hours_to_save()) and one.desk.span:
            store.save_baseline(CURSOR, one.desk.span, hours.hosts(), hours.to_bytes())

    def _follow(self, tenant: str, one: Kept, turn: Turn) -> None:
        world = replace(self._around.world_of(tenant), experience=one.learnt.experience)
        for incident in turn.to_follow:
            self._flowing.wish(Wish(tenant, incident, turn.seen_from(world, incident, one.desk.newest)))
        for id_ in turn.gone:
            self._flowing.drop((tenant, id_))

    def _take_results(self) -> None:
        while followed := self._flowing.done():
            one = self._tenants[followed.tenant]
            if one.results.add(followed.incident):
                one.to_watch.append(followed.incident)
                one.news = True

    def _told(self, store: Store, turn: Turn) -> Iterator[Outgoing]:
        """Give the messages that are kept together with what they tell of."""
        for incident in turn.changed:
            before = store.live_incident(incident.id)
            yield from self._around.tell(Change(store.tenant, before.incident if before else None, incident))


def _taken(one: Kept, signals: pa.Table) -> None:
    """Take in signals, if there are any."""
    if signals.num_rows:
        one.desk.take(signals, one.learnt.in_force(datetime.now(UTC)))
        one.news = True


def _part(number: int) -> str:
    return f"{CURSOR}/signals/{number}"
