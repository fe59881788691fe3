"""What goes on without a pause: novelty cannot see what was already running while it learned. Owns the runs of dense hours."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from watchkeeper.correlation.fold import SLOT, Folded
from watchkeeper.correlation.session import Span
from watchkeeper.model.level import LEVELS

LOWEST = LEVELS.index("low")
"""What is only informational says nothing by going on."""
DENSE_MINUTES = 45
"""An hour is dense when signals of a rule come at a place in so many of its minutes."""
STEADY_HOURS = 12
"""So many dense hours on end are more than a working day: a machine does that, not a person."""
AGAIN_HOURS = 7 * 24
"""It is said again when it has gone on for so much longer."""
KEPT_HOURS = 48
"""A run that has not gone on for so long is forgotten."""

_MINUTE = 60_000_000
_HOUR = 60


Place = tuple[str, str]
"""A place and a rule."""


@dataclass(frozen=True, slots=True)
class Run:
    """Dense hours on end."""

    hours: int = 0
    last: int = 0
    """The last of them, hours since 1970."""
    said: int = 0
    """After how many hours it was said last."""
    open: frozenset[int] = frozenset()
    """Minutes since 1970 of an hour that may not be over."""


class Steady:
    """Counts dense hours of each rule at each place, in the order of time."""

    def __init__(self, runs: Iterable[tuple[Place, Run]] = ()) -> None:
        """Go on with these."""
        self._runs = dict(runs)

    def runs(self) -> tuple[tuple[Place, Run], ...]:
        """Give what another goes on with."""
        return tuple(self._runs.items())

    def take(self, folds: Iterable[Folded], spans: Mapping[int, Span]) -> dict[int, dict[str, int]]:
        """Take in the folds of some hours; give the sessions in which a rule had gone on for long enough: the rule's title and hours."""
        seen = _Seen.of(folds, spans)
        found: defaultdict[int, dict[str, int]] = defaultdict(dict)
        for key, minutes in seen.minutes.items():
            run = self._runs.get(key, Run())
            by_hour = _by_hour(minutes | run.open)
            run = replace(run, open=frozenset(by_hour.pop(max(by_hour, default=0), ())))
            for hour in sorted(hour for hour, inside in by_hour.items() if len(inside) >= DENSE_MINUTES):
                run = replace(run, hours=run.hours + 1, last=hour) if run.last == hour - 1 else Run(1, hour, open=run.open)
                session = seen.sessions.get((key[0], hour))
                if session is not None and _is_time(run):
                    found[session][seen.titles[key[1]]] = run.hours
                    run = replace(run, said=run.hours)
            self._runs[key] = run
        newest = max((minute // _HOUR for run in self._runs.values() for minute in run.open), default=0)
        self._runs = {key: run for key, run in self._runs.items() if max(run.open, default=0) // _HOUR >= newest - KEPT_HOURS}
        return dict(found)


def _is_time(run: Run) -> bool:
    """Say whether a person should hear of it."""
    return run.hours >= STEADY_HOURS and (not run.said or run.hours - run.said >= AGAIN_HOURS)


def _by_hour(minutes: Iterable[int]) -> dict[int, set[int]]:
    found: defaultdict[int, set[int]] = defaultdict(set)
    for minute in minutes:
        found[minute // _HOUR].add(minute)
    return dict(found)


@dataclass(frozen=True, slots=True)
class _Seen:
    """When signals came."""

    minutes: dict[Place, set[int]]
    sessions: dict[tuple[str, int], int]
    """By place and hour, the last session in it."""
    titles: dict[str, str]

    @classmethod
    def of(cls, folds: Iterable[Folded], spans: Mapping[int, Span]) -> "_Seen":
        seen = cls(defaultdict(set), {}, {})
        for fold in folds:
            if fold.level >= LOWEST:
                place = spans[fold.session].place
                minutes = {slot * SLOT // _MINUTE for slot in fold.slots}
                seen.titles[fold.rule] = fold.title
                seen.minutes[place, fold.rule] |= minutes
                seen.sessions.update(((place, minute // _HOUR), fold.session) for minute in minutes)
        return seen
