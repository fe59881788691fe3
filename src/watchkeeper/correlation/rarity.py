"""How unusual each fold is. Owns the two ways of judging it: against what was seen before, and within the record at hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import pyarrow as pa

from watchkeeper.baseline import Baseline, Familiar, Sighting
from watchkeeper.correlation.columns import Arranged
from watchkeeper.correlation.fold import Folded
from watchkeeper.correlation.session import Span
from watchkeeper.model.level import LEVELS
from watchkeeper.model.note import Note

LEARNING_HOURS = 24
"""A host is judged against its past only when it has been watched for so long; until then within the record at hand."""
LEARNING_TRUST = 0.7
"""While a record long enough to learn from has only begun, unusualness counts this much below `high`: everything seems new then."""
HIGH = LEVELS.index("high")
RECORD_SHARPNESS = 2.0
"""Power to which the share is raised within one record, where little is ever truly new: what recurs at all is likely everyday."""
SLICES = 24
"""A short record is judged in about so many slices."""
SHORTEST_SLICE_SECONDS, LONGEST_SLICE_SECONDS = 60, 3600

_MICRO = 1_000_000
_HOUR = 3600 * _MICRO


@dataclass(frozen=True, slots=True)
class Rarity:
    """How unusual a fold is, and from what that follows."""

    nats: float
    """Surprise on the host and anywhere; 0 is everyday."""
    share: float
    """The same as a share of the most it could be, 0 to 1, comparable between long and short records."""
    past: bool
    """Whether it was judged against its past rather than within a record."""
    recurs: bool
    """Whether the rule fires at this place at other times too."""
    why: Note


def sightings(arranged: Arranged) -> list[Sighting]:
    """Give the distinct hours in which each rule fired at each place; signals without a time teach nothing."""
    hours = pa.array([None if time is None else time // _HOUR for time in arranged.times], pa.int64())
    seen = (
        pa.table(
            {
                "hour": hours,
                "rule": pa.array(arranged.rules.codes, pa.int64()),
                "place": pa.array(arranged.places.codes, pa.int64()),
            }
        )
        .group_by(["hour", "rule", "place"])
        .aggregate([])
    )
    rows = zip(*(column.to_pylist() for column in seen.columns), strict=True)
    return [Sighting(hour, arranged.rules.names[rule], arranged.places.names[place]) for hour, rule, place in rows if hour is not None]


def rarities(folds: Sequence[Folded], spans: Sequence[Span], arranged: Arranged, learnt: Baseline) -> list[Rarity]:
    """Judge every fold, in the order given."""
    within = _Record.of(arranged)
    familiar = Familiar([*learnt.sightings(), *sightings(arranged)])
    found = [within.judge(fold, spans[fold.session].place) for fold in folds]
    timed = [(start // _HOUR, position) for position, fold in enumerate(folds) if (start := spans[fold.session].start) is not None]
    for hour, position in sorted(timed):
        familiar.advance(hour)
        place = spans[folds[position].session].place
        if familiar.host_hours(place, hour) >= LEARNING_HOURS:
            found[position] = _against_past(familiar, folds[position].rule, place, hour)
        elif within.hours >= 2 * LEARNING_HOURS and familiar.observed(hour) < LEARNING_HOURS and folds[position].level < HIGH:
            found[position] = _while_learning(found[position])
    return found


def _while_learning(rare: Rarity) -> Rarity:
    """Trust a judgement less that is made while the record has only begun."""
    return Rarity(
        rare.nats,
        rare.share * LEARNING_TRUST,
        past=False,
        recurs=rare.recurs,
        why=Note(code="novelty.learning", arguments=rare.why.arguments),
    )


def _against_past(familiar: Familiar, rule: str, place: str, hour: int) -> Rarity:
    """Judge by the hours before the session in which the rule fired."""
    observed = familiar.observed(hour)
    here, anywhere = familiar.on_host(rule, place, hour), familiar.anywhere(rule, hour)
    most = 2 * log(observed + 2)
    nats = max(0.0, most - log(here + 1) - log(anywhere + 1))
    arguments = {"here": f"{here:.0f}", "anywhere": f"{anywhere:.0f}", "observed": f"{observed:.0f}"}
    return Rarity(nats, min(1.0, nats / most), past=True, recurs=here > 0, why=Note(code="novelty.past", arguments=arguments))


@dataclass(frozen=True, slots=True)
class _Record:
    """The record at hand in slices of time: where and when each rule fired."""

    start: int
    """µs."""
    width: int
    """Of a slice, µs."""
    hours: int
    """How long the record is."""
    slices: int
    """Slices in which anything fired."""
    places: int
    here: dict[tuple[str, str], int]
    """Slices by rule and place."""
    anywhere: dict[str, int]
    """Slices by rule."""
    spread: dict[str, int]
    """Places by rule."""

    @classmethod
    def of(cls, arranged: Arranged) -> "_Record":
        times = [time for time in arranged.times if time is not None]
        span = (times[-1] - times[0]) // _MICRO if times else 0
        width = min(max(span // SLICES, SHORTEST_SLICE_SECONDS), LONGEST_SLICE_SECONDS) * _MICRO
        start = times[0] if times else 0
        keys = {
            (rule, place, -1 if time is None else (time - start) // width)
            for rule, place, time in zip(arranged.rules.codes, arranged.places.codes, arranged.times, strict=True)
        }
        here: dict[tuple[str, str], int] = {}
        spread: dict[str, int] = {}
        for rule, place, _ in keys:
            names = arranged.rules.names[rule], arranged.places.names[place]
            here[names] = here.get(names, 0) + 1
            if here[names] == 1:
                spread[names[0]] = spread.get(names[0], 0) + 1
        anywhere: dict[str, int] = {}
        for rule, _ in {(rule, slot) for rule, _, slot in keys}:
            name = arranged.rules.names[rule]
            anywhere[name] = anywhere.get(name, 0) + 1
        return cls(start, width, span // 3600, len({slot for *_, slot in keys}), len(arranged.places.names), here, anywhere, spread)

    def slot(self, time: int) -> int:
        """Give the slice of a time."""
        return (time - self.start) // self.width

    def judge(self, fold: Folded, place: str) -> Rarity:
        """Judge by how many places and slices of the record the rule shares."""
        rule = fold.rule
        here, anywhere, spread = self.here[rule, place], self.anywhere[rule], self.spread[rule]
        most = 2 * log(self.slices + 1) + log(self.places + 1)
        nats = log((self.slices + 1) / here) + log((self.slices + 1) / anywhere) + log((self.places + 1) / spread)
        arguments = {
            name: str(number)
            for name, number in (
                ("here", here),
                ("anywhere", anywhere),
                ("slices", self.slices),
                ("spread", spread),
                ("places", self.places),
            )
        }
        share = min(1.0, max(0.0, nats / most)) ** RECORD_SHARPNESS
        own = 1 if fold.first is None or fold.last is None else self.slot(fold.last) - self.slot(fold.first) + 1
        return Rarity(max(0.0, nats), share, past=False, recurs=here > own, why=Note(code="novelty.record", arguments=arguments))
