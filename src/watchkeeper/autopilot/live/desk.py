"""A tenant's desk: its signals correlated as they come, and what there is now. Owns a tenant's state and its bytes; it saves nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.autopilot.live.recent import Recent, Turned
from watchkeeper.autopilot.live.silence import Heard, Silence
from watchkeeper.baseline import Baseline, Sighting
from watchkeeper.correlation import Correlated, Correlator, Kept, Knowledge, followed_rules, placed, ranked, set_aside
from watchkeeper.correlation import located as with_hosts
from watchkeeper.correlation import named as with_names
from watchkeeper.detection.counting_stream import Counting
from watchkeeper.detection.sigma import Correlation
from watchkeeper.model.signal import FOLDED_SCHEMA
from watchkeeper.model.suppression import Suppression

_MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class Told:
    """How an incident was saved last."""

    shape: str
    """Digest of what people see of it."""
    followed: str
    """Digest of which folds it held when it was followed last; empty if it was not. When it holds others it is followed anew."""
    sessions: tuple[str, ...]
    """Ids of its sessions."""


@dataclass(frozen=True, slots=True)
class Stood:
    """Everything a desk needs to go on elsewhere as if never stopped, but for its signals."""

    correlator: bytes
    positions: Mapping[str, int] = field(default_factory=dict[str, int])
    """By partition: the number of the last frame that was taken in."""
    turn: int = 0
    """How often it was saved."""
    parts: tuple[int, ...] = ()
    """Numbers of the parts in which its signals are kept."""
    told: Mapping[str, Told] = field(default_factory=dict[str, Told])
    """By incident."""
    heard: Heard = field(default_factory=Heard)
    followed: tuple[str, ...] = ()
    """Rules of signals on what is followed of an attacker."""
    counting: bytes = b""
    """What correlation rules count."""
    aside: Mapping[str, int] = field(default_factory=dict[str, int])
    """How many signals each suppression set aside."""

    @classmethod
    def from_bytes(cls, content: bytes) -> "Stood":
        """Read what `to_bytes` wrote.

        Raises:
            ValueError: it is not what this version wrote.
        """
        try:
            return msgspec.msgpack.decode(content, type=cls)
        except msgspec.DecodeError as error:
            raise ValueError(f"this is not the state of live correlation of this version: {error}") from error

    def to_bytes(self) -> bytes:
        """Write it as MessagePack."""
        return msgspec.msgpack.encode(self)


@dataclass(frozen=True, slots=True)
class Standing:
    """What has to be saved of a desk."""

    state: Stood
    parts: Turned


@dataclass(frozen=True, slots=True)
class Now:
    """What there is of a tenant at a moment."""

    found: Correlated
    """Incidents by rank, with the folds, sessions and signals that are not settled and those of incidents that are."""
    merged: Mapping[str, str]
    """Incidents that others took in, with the id of the one that did."""
    in_sight: frozenset[str]
    """Sessions that may still count."""


class Desk:
    """Takes in one tenant's signals and says what there is now."""

    def __init__(
        self,
        known: Knowledge,
        correlations: Sequence[Correlation] = (),
        stood: Stood | None = None,
        parts: Mapping[int, bytes] | None = None,
    ) -> None:
        """Begin with these rules that count, or go on from what another desk gave.

        Raises:
            ValueError: that was of another version.
        """
        kept = Kept.from_bytes(stood.correlator) if stood else None
        self._known = known
        self._stream = Correlator(known, Baseline.empty(), kept)
        self._recent = Recent(parts)
        self._in_sight = self._stream.in_sight
        self._followed = set(stood.followed if stood else ())
        self._saved_hour = 0
        self.counting = Counting(correlations, stood.counting if stood else b"")
        self.silence = Silence(stood.heard if stood else Heard())
        self.positions = dict(stood.positions if stood else {})
        self.told = dict(stood.told if stood else {})
        self.aside = dict(stood.aside if stood else {})
        self.turn = stood.turn if stood else 0

    @property
    def late(self) -> int:
        """How many signals came too late to be put in order."""
        return self._stream.late

    @property
    def beyond(self) -> int:
        """How many signals of incidents underway are no longer at hand since there were too many."""
        return self._recent.beyond

    @property
    def newest(self) -> datetime | None:
        """Time of the last signal that was put in order, UTC."""
        time = self._stream.newest
        return None if time is None else datetime.fromtimestamp(time / _MICRO, UTC)

    @property
    def span(self) -> tuple[datetime, datetime] | None:
        """Times of the first and the last signal that were put in order."""
        first, newest = self._stream.first, self.newest
        return None if first is None or newest is None else (datetime.fromtimestamp(first / _MICRO, UTC), newest)

    def hours_to_save(self) -> Baseline | None:
        """Give what is normal if an hour has gone by since it was given last."""
        hour = (self._stream.newest or 0) // (3600 * _MICRO)
        if hour == self._saved_hour:
            return None
        self._saved_hour = hour
        return self._stream.baseline

    def know(self, known: Knowledge) -> None:
        """Judge by this from now on."""
        self._known = known

    def unlearn(self, attacks: Iterable[Sighting]) -> None:
        """Learn nothing from these hours, and from no others less."""
        self._stream.unlearn(attacks)

    def take(self, signals: pa.Table, suppressions: Iterable[Suppression] = ()) -> None:
        """Take in signals (`SIGNAL_SCHEMA`) in any order; those that a suppression means are counted and go no further."""
        known = self._known
        here = with_names(with_hosts(signals, known.host_of) if known.host_of else signals, known.name_of)
        staying, aside = set_aside(here, tuple(suppressions))
        for one in aside.column("suppressed").to_pylist():
            self.aside[str(one)] = self.aside.get(str(one), 0) + 1
        self._followed |= followed_rules(staying)
        self._stream.know(self._judging())
        self._keep(self._stream.take(staying).signals)

    def look(self) -> Now:
        """Say what there is; incidents keep the ids that they have here."""
        self._stream.know(self._judging())
        now = self._stream.now()
        self._stream.name(now.settled)
        incidents = ranked(now.settled.incidents, self._known)
        merged = {id_: one.id for one in now.settled.incidents for id_ in one.took}
        table = pa.concat_tables([self._recent.table(), now.signals])
        inside = {fold.id for incident in incidents for fold in incident.folds} | {fold.id for fold in now.settled.folds}
        table = table.filter(pc.is_in(table.column("fold"), value_set=pa.array(sorted(inside), pa.string())))
        found = Correlated(
            signals=placed(table, incidents, now.settled.sessions),
            folds=now.settled.folds,
            sessions=now.settled.sessions,
            incidents=incidents,
            baseline=Baseline.empty(),
        )
        return Now(found, merged, self._in_sight)

    def stand(self, told: Mapping[str, Told]) -> Standing:
        """Give what has to be saved, with how incidents are told of then."""
        turned = self._recent.turn()
        stood = Stood(
            correlator=self._stream.keep().to_bytes(),
            positions=dict(self.positions),
            turn=self.turn + 1,
            parts=self._recent.numbers,
            told=dict(told),
            heard=self.silence.heard,
            followed=tuple(sorted(self._followed)),
            counting=self.counting.keep(),
            aside=dict(self.aside),
        )
        return Standing(stood, turned)

    def saved(self, standing: Standing) -> None:
        """Take note that this was saved."""
        self._recent.saved(standing.parts)
        self.turn, self.told = standing.state.turn, dict(standing.state.told)

    def _judging(self) -> Knowledge:
        return replace(self._known, followed=self._known.followed | self._followed)

    def _keep(self, signals: pa.Table) -> None:
        self._recent.add(signals.select(FOLDED_SCHEMA.names))
        in_sight = self._stream.in_sight
        if self._in_sight - in_sight:
            self._recent.forget(in_sight)
        self._in_sight = in_sight
