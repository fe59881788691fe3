"""Correlation as signals come: bounded, and the same wherever it was stopped. Owns time and what is kept; stages judge for themselves.

Time is cut into days from the first signal. A day is settled when the one after it is over, with the day before and the day after it in
sight, so that what ties sessions across midnight counts from both sides; settled days are given out and let go.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.baseline import Baseline, Familiar, Sighting
from watchkeeper.correlation.belong import belonging
from watchkeeper.correlation.columns import coded, ordered
from watchkeeper.correlation.fold import FoldKey, Folds
from watchkeeper.correlation.grow import grow
from watchkeeper.correlation.judged import Judged, Knowledge, Record, judge
from watchkeeper.correlation.kept import Kept
from watchkeeper.correlation.locate import located, named
from watchkeeper.correlation.rarity import Met, meet, sightings
from watchkeeper.correlation.show import shown
from watchkeeper.correlation.steady import Steady
from watchkeeper.correlation.tell import tell_fold, tell_session
from watchkeeper.correlation.underway import AllUnderway, Found, Underway
from watchkeeper.model.fold import Fold, Session
from watchkeeper.model.signal import FOLDED_SCHEMA, SIGNAL_SCHEMA

LATE_SECONDS = 600
"""Signals wait so long for earlier ones; what comes later still is filed under what is running then, and counted."""
LEAP_SECONDS, LEAP_SIGNALS = 86_400, 10
"""A leap in time of more than so long is believed when so many signals made it; until then these wait."""

_MICRO = 1_000_000
_HOUR = 3600 * _MICRO
_DAY = 24 * _HOUR

_compute = cast("Any", pc)
"""Arrow's functions ship with types too narrow for tables."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What will not change any more, apart from an incident that still grows."""

    folds: tuple[Fold, ...]
    """By their first signal."""
    sessions: tuple[Session, ...]
    """By their first signal."""
    incidents: tuple[Underway, ...]
    """Those that grew, and how they stand."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of some signals, and of others that had waited."""

    signals: pa.Table
    """Rows as in `FOLDED_SCHEMA`."""
    settled: Settled


class Correlator:
    """Folds signals as they come and groups them to incidents, day by day."""

    def __init__(self, known: Knowledge, learnt: Baseline, kept: Kept | None = None) -> None:
        """Start from what earlier runs saw, or go on from what another correlator kept."""
        kept = kept or Kept.nothing(learnt)
        self._known = known
        self._waiting = kept.waiting
        self._sessions = kept.sessions
        self._folds = Folds(kept.folds)
        self._met = dict(kept.met)
        self._day_of = dict(kept.day_of)
        self._steady = Steady(kept.steady)
        self._familiar = Familiar(known=kept.familiar)
        self._underway = AllUnderway(kept.underway, kept.owners, kept.said)
        self._baseline = kept.baseline
        self._learnt = set(kept.learnt)
        self._marks = kept.marks

    @property
    def late(self) -> int:
        """How many signals came too late to be put in order."""
        return self._marks.late

    @property
    def baseline(self) -> Baseline:
        """What is normal, with every signal learnt that was put in order."""
        return self._baseline.learn(self._learnt)

    @property
    def in_sight(self) -> frozenset[str]:
        """Ids of the sessions that may still count for what comes."""
        return frozenset(span.id for span in self._sessions.spans.values())

    @property
    def first(self) -> int | None:
        """Time of the first signal, µs since 1970; none before it."""
        return self._marks.first

    @property
    def newest(self) -> int | None:
        """Time of the last signal that was put in order, µs since 1970; none before the first."""
        return self._marks.newest

    def know(self, known: Knowledge) -> None:
        """Judge by something else from now on."""
        self._known = known

    def unlearn(self, attacks: Iterable[Sighting]) -> None:
        """Judge from now on as if nothing had been learnt in these hours, of which no others are left out."""
        self._familiar = Familiar(self.baseline.without(attacks).sightings())

    def keep(self) -> Kept:
        """Give everything that another needs to go on from here."""
        return Kept(
            waiting=self._waiting,
            sessions=self._sessions,
            folds=tuple(self._folds.by_key.items()),
            met=tuple(self._met.items()),
            day_of=tuple(self._day_of.items()),
            steady=self._steady.runs(),
            familiar=self._familiar.known(),
            underway=tuple(self._underway.incidents.values()),
            owners=tuple(self._underway.owners.items()),
            baseline=self._baseline,
            learnt=tuple(sorted(self._learnt)),
            marks=self._marks,
            said=tuple(self._underway.said.items()),
        )

    def take(self, signals: pa.Table) -> Taken:
        """Take in signals as in `SIGNAL_SCHEMA`, in any order; those of the last minutes wait for earlier ones."""
        here = named(located(signals, self._known.host_of) if self._known.host_of else signals, self._known.name_of)
        table = ordered(pa.concat_tables([self._waiting, here.select(SIGNAL_SCHEMA.names).cast(SIGNAL_SCHEMA)]))
        times = table.column("time").cast(pa.int64())
        until = self._newest(times.drop_null().to_numpy()) - LATE_SECONDS * _MICRO
        waits = _compute.fill_null(_compute.greater(times, until), fill_value=False)
        self._waiting = table.filter(waits)
        return self._through(table.filter(_compute.invert(waits)))

    def finish(self) -> Taken:
        """Settle everything, as if nothing more came."""
        last = self._through(self._waiting)
        self._waiting = SIGNAL_SCHEMA.empty_table()
        rest = self._settle(self._marks.settled + 1, self._marks.day)
        self._let_go(self._marks.day)
        return Taken(last.signals, _all_of([last.settled, rest]))

    def now(self) -> Taken:
        """Say what there would be if nothing more came: what waits, what is not settled, and every incident that may still grow.

        Nothing changes by asking; a copy answers.
        """
        other = Correlator(self._known, self._baseline, Kept.from_bytes(self.keep().to_bytes()))
        return other._all_now()

    def name(self, told: Settled) -> None:
        """Remember that people hear of the incidents of `now`: they keep their ids while they grow and when they settle."""
        self._underway.name(told.incidents)

    def _all_now(self) -> Taken:
        last = self._through(self._waiting)
        rest = self._settle(self._marks.settled + 1, self._marks.day)
        standing = Settled((), (), tuple(self._underway.incidents.values()))
        return Taken(last.signals, _all_of([last.settled, standing, rest]))

    def _newest(self, times: Any) -> int:
        """Give the time by which signals are late, from sorted times, µs: one clock that is wrong must not carry all others away."""
        if not len(times):
            return self._marks.newest or 0
        last, before = int(times[-1]), int(times[0]) if self._marks.newest is None else self._marks.newest
        ahead = len(times) - int(times.searchsorted(before + LEAP_SECONDS * _MICRO, side="right"))
        return last if not ahead or ahead >= LEAP_SIGNALS else max(before, int(times[-ahead - 1]) if ahead < len(times) else before)

    def _through(self, table: pa.Table) -> Taken:
        """Take in signals in order, and settle the days that are over by then."""
        folded, settled = [FOLDED_SCHEMA.empty_table()], list[Settled]()
        for day, part in self._days(table):
            for over in range(self._marks.settled + 1, min(day - 1, self._marks.day + 1)):
                settled.append(self._settle(over, over, watched_days=day))
                self._let_go(over)
            self._marks = replace(self._marks, day=day, settled=max(self._marks.settled, day - 2))
            folded.append(self._fold(part))
        return Taken(pa.concat_tables(folded), _all_of(settled))

    def _days(self, table: pa.Table) -> Iterator[tuple[int, pa.Table]]:
        """Yield signals in order by the day they count to: their own unless it is over, the last one for those without a time."""
        column = table.column("time").cast(pa.int64())
        timed: list[int] = cast("Any", column).drop_null().to_pylist()
        if self._marks.first is None and timed:
            self._marks = replace(self._marks, first=timed[0])
        origin, day, start = (self._marks.first or 0) // _HOUR * _HOUR, self._marks.day, 0
        while start < table.num_rows:
            if start < len(timed):
                day = max(day, (timed[start] - origin) // _DAY)
            end = bisect_left(timed, origin + (day + 1) * _DAY, lo=min(start, len(timed)))
            end = table.num_rows if end == len(timed) else end
            yield day, table.slice(start, end - start)
            start = end

    def _fold(self, table: pa.Table) -> pa.Table:
        """Fold signals of one day."""
        arranged = coded(table)
        self._count_late(arranged.times)
        numbers = self._sessions.cut(arranged)
        keys, fold_of = self._folds.take(arranged, self._sessions, numbers)
        for number, _, _ in keys:
            self._day_of.setdefault(number, self._marks.day)
        found = sightings(arranged)
        self._familiar.expect(found)
        self._learnt.update(found)
        folds = pa.array([self._folds.by_key[key].id for key in keys], pa.string())
        sessions = pa.array([self._sessions.spans[number].id for number, _, _ in keys], pa.string())
        return pa.table([*table.columns, folds.take(fold_of), sessions.take(fold_of)], schema=FOLDED_SCHEMA)

    def _count_late(self, times: Sequence[int | None]) -> None:
        """Count those that come before what was taken in already."""
        timed = [time for time in times if time is not None]
        newest = self._marks.newest
        if timed:
            late = 0 if newest is None else bisect_left(timed, newest)
            newest = timed[-1] if newest is None else max(newest, timed[-1])
            self._marks = replace(self._marks, late=self._marks.late + late, newest=newest)

    def _settle(self, first: int, last: int, watched_days: int = 0) -> Settled:
        """Settle some days, with the day before and the day after in sight; so many have begun and ended since the first signal."""
        numbers = sorted(number for number, day in self._day_of.items() if first - 1 <= day <= last + 1)
        fresh = frozenset(number for number in numbers if first <= self._day_of[number] <= last)
        if not fresh:
            return _all_of([])
        self._met.update(self._met_by(self._familiar, fresh))
        ahead = [number for number in numbers if self._day_of[number] > last]
        # what lies ahead may still change: it is judged by a copy
        met = self._met | (self._met_by(Familiar(known=self._familiar.known()), ahead) if ahead else {})
        judged = judge(self._record(numbers, fresh, met, watched_days), self._known)
        groups = [Found(grown, belonging(grown, judged)) for grown in grow(judged)]
        grew = self._underway.take(judged, numbers, groups, fresh)
        return self._told(judged, numbers, groups, fresh, grew)

    def _record(self, numbers: Sequence[int], fresh: frozenset[int], met: Mapping[int, Met], watched_days: int) -> Record:
        """Bring together what is looked at, what is fresh of it taken in as going on."""
        spans = {number: self._sessions.spans[number] for number in numbers}
        end = max((span.end for span in spans.values() if span.end is not None), default=0)
        return Record(
            spans=spans,
            folds={key: fold for key, fold in self._folds.by_key.items() if key[0] in spans},
            met=met,
            steady=self._steady.take((fold for key, fold in self._folds.by_key.items() if key[0] in fresh), self._sessions.spans),
            begun=self._sessions.begun,
            watched_hours=max(24 * watched_days, (end - (self._marks.first or 0)) / _HOUR),
        )

    def _met_by(self, familiar: Familiar, numbers: Iterable[int]) -> dict[int, Met]:
        """Judge sessions by the hours before each."""
        keys = {number: list[FoldKey]() for number in numbers}
        for key in self._folds.by_key:
            if key[0] in keys:
                keys[key[0]].append(key)
        spans = self._sessions.spans
        in_order = sorted(keys, key=lambda number: (spans[number].start or 0, number))
        return {number: meet(familiar, spans[number], keys[number]) for number in in_order}

    def _told(self, judged: Judged, numbers: Sequence[int], groups: Sequence[Found], fresh: frozenset[int], grew: Sequence[str]) -> Settled:
        """Make the nouns of what is settled."""
        seen = shown(judged, [group.folds for group in groups])
        inside = {judged.folds[at].session for group in groups for at in group.folds}
        owner = {at: self._underway.owners.get(numbers[at]) if at in inside else None for at in range(len(numbers))}
        return Settled(
            folds=tuple(
                tell_fold(fold, judged.spans[fold.session], rare, self._known.trusts.get(fold.rule))
                for fold, rare in zip(judged.folds, judged.rarity, strict=True)
                if numbers[fold.session] in fresh
            ),
            sessions=tuple(tell_session(judged, at, owner[at], seen) for at, number in enumerate(numbers) if number in fresh),
            incidents=tuple(self._underway.incidents[id_] for id_ in dict.fromkeys(grew) if id_ in self._underway.incidents),
        )

    def _let_go(self, settled: int) -> None:
        """Forget what is no longer looked at, and learn what was."""
        gone = {number for number, day in self._day_of.items() if day < settled}
        self._sessions.forget(gone)
        self._folds.forget(gone)
        self._underway.forget(gone)
        self._met = {number: met for number, met in self._met.items() if number not in gone}
        self._day_of = {number: day for number, day in self._day_of.items() if number not in gone}
        self._baseline, self._learnt = self._baseline.learn(self._learnt), set[Sighting]()
        self._marks = replace(self._marks, settled=max(self._marks.settled, settled))
        if self._marks.newest is not None:
            self._familiar.forget(self._marks.newest // _HOUR)


def _all_of(parts: Sequence[Settled]) -> Settled:
    """Join what was settled one after the other; of an incident that grew several times, how it stood last."""
    incidents = {one.id: one for part in parts for one in part.incidents}
    return Settled(
        folds=tuple(fold for part in parts for fold in part.folds),
        sessions=tuple(session for part in parts for session in part.sessions),
        incidents=tuple(incidents.values()),
    )
