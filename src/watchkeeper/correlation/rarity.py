"""How unusual each fold is. Owns the two ways of judging it: against what was seen before, and within the record at hand."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from math import log

import pyarrow as pa

from watchkeeper.baseline import Familiar, Sighting
from watchkeeper.correlation.columns import Arranged
from watchkeeper.correlation.fold import SLOT, Folded, FoldKey
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


@dataclass(frozen=True, slots=True)
class Met:
    """What was known when a session began."""

    past: Mapping[FoldKey, Rarity]
    """Of each of its folds, if its host had been watched long enough."""
    learning: bool
    """Whether too little had been watched anywhere to judge by it."""
    busy: float
    """How often anything fires on its host, as a share of what is usual for one."""


def meet(familiar: Familiar, span: Span, folds: Iterable[FoldKey]) -> Met:
    """Judge a session by the hours before it; sessions come in the order of the hours in which they began."""
    if span.start is None:
        return Met({}, learning=False, busy=1.0)
    hour = span.start // _HOUR
    familiar.advance(hour)
    learning = familiar.observed(hour) < LEARNING_HOURS
    if familiar.host_hours(span.place, hour) < LEARNING_HOURS:
        return Met({}, learning=learning, busy=1.0)
    past = {key: _against_past(familiar, key[1], span.place, hour) for key in folds}
    return Met(past, learning=learning, busy=familiar.busy(span.place, hour))


def rarities(folds: Mapping[FoldKey, Folded], spans: Mapping[int, Span], met: Mapping[int, Met], watched_hours: float) -> list[Rarity]:
    """Judge every fold, in the order given: by the past of its session, else within the record at hand.

    The record is all of these folds; `watched_hours` says since when there are any at all.
    """
    within = _Record.of(folds.values(), spans)
    found: list[Rarity] = []
    for key, fold in folds.items():
        known = met[fold.session]
        rare = known.past.get(key) or within.judge(fold, spans[fold.session].place)
        if not rare.past and known.learning and watched_hours >= 2 * LEARNING_HOURS and fold.level < HIGH:
            rare = _while_learning(rare)
        found.append(rare)
    return found


def sought(found: Iterable[Rarity], folds: Iterable[Folded], rules: Collection[str]) -> list[Rarity]:
    """Give judgements in which what is looked for by name, signals of these rules, is as unusual as can be."""
    why = Note(code="novelty.sought")
    return [
        replace(rare, share=1.0, recurs=False, why=why) if fold.rule in rules else rare for rare, fold in zip(found, folds, strict=True)
    ]


def _while_learning(rare: Rarity) -> Rarity:
    """Trust a judgement less that is made while the record has only begun."""
    why = Note(code="novelty.learning", arguments=rare.why.arguments)
    return replace(rare, share=rare.share * LEARNING_TRUST, why=why)


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
    slices: int
    """Slices in which anything fired."""
    places: int
    here: Mapping[tuple[str, str], int]
    """Slices by rule and place."""
    anywhere: Mapping[str, int]
    """Slices by rule."""
    spread: Mapping[str, int]
    """Places by rule."""

    @classmethod
    def of(cls, folds: Collection[Folded], spans: Mapping[int, Span]) -> "_Record":
        start = min((fold.first for fold in folds if fold.first is not None), default=0)
        end = max((fold.last for fold in folds if fold.last is not None), default=0)
        width = min(max((end - start) // _MICRO // SLICES, SHORTEST_SLICE_SECONDS), LONGEST_SLICE_SECONDS) * _MICRO
        keys = {
            (fold.rule, spans[fold.session].place, max(0, slot * SLOT - start) // width if slot >= 0 else -1)
            for fold in folds
            for slot in fold.slots or (-1,)
        }
        pairs = {(rule, place) for rule, place, _ in keys}
        return cls(
            start,
            width,
            slices=len({slot for *_, slot in keys}),
            places=len({span.place for span in spans.values()}),
            here=Counter((rule, place) for rule, place, _ in keys),
            anywhere=Counter(rule for rule, _ in {(rule, slot) for rule, _, slot in keys}),
            spread=Counter(rule for rule, _ in pairs),
        )

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
