"""Hunter: batches in, findings out as signals, and at the end what every hunt gave. Owns turning what rules find into findings."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute

from watchkeeper.attack import current_id, in_usual_order, technique
from watchkeeper.detection.alerts import is_alerts
from watchkeeper.detection.detector import Detector, Engine
from watchkeeper.detection.hunting.coverage import Coverage
from watchkeeper.detection.hunting.files import Asked, Hunts
from watchkeeper.detection.hunting.stacks import Look, Pile, Stack, said
from watchkeeper.detection.hunting.telling import Gathered, Looked, tell
from watchkeeper.detection.logsources import LogSources
from watchkeeper.detection.signals import Fired, signal_id, signal_table
from watchkeeper.model.batch import Batch
from watchkeeper.model.hunt import Every, First, HuntResult
from watchkeeper.model.language import Language
from watchkeeper.model.signal import SIGNAL_SCHEMA

DETECTOR = "hunt"
"""Who says so, in a hunt's signals."""
MOST_SIGNALS = 10_000
"""Signals that one hunt keeps; more are counted."""
MOST_STANDING_OUT = 50
"""Rare or new values of one hunt that become signals, the rarest first; more are counted."""
pc: Any = pyarrow.compute  # its shipped types know no tables in these places
_arrow: Any = pa


@dataclass(slots=True)
class _Kept:
    """What is kept for one hunt."""

    asked: Asked
    stack: Stack | None
    signals: list[pa.Table] = field(default_factory=list[pa.Table])
    rows: int = 0
    over: int = 0


class Hunter:
    """Runs hunts over batches; a finding is a signal whose rule is the hunt."""

    def __init__(
        self, hunts: Hunts, sources: LogSources, language: Language, until: datetime | None = None, engine: Engine = "fused"
    ) -> None:
        """Take the hunts, the language of titles, until when all is taken as usual if a person says so, and what runs the rules."""
        self._kept = [_Kept(one, None if isinstance(one.hunt.look, Every) else Stack(one.hunt.look)) for one in hunts.asked]
        self._of_rule = {rule: kept for kept in self._kept for rule in kept.asked.asking}
        self._checking = {rule for one in hunts.asked for rules in one.checking.values() for rule in rules}
        self._checks: dict[str, list[pa.Table]] = {}
        self._check_rows: dict[str, int] = {}
        self._detector = Detector(hunts.rules, sources, engine=engine, heard=self._hear)
        self._coverage = Coverage(hunts.rules, sources)
        self._language: Language = language
        self._until = until
        self._span: tuple[datetime, datetime] | None = None
        self.results: tuple[HuntResult, ...] = ()
        """What each hunt gave; there once it is finished."""

    @property
    def problems(self) -> tuple[str, ...]:
        """What went wrong with rules on events, and what was not counted."""
        return self._detector.problems

    @property
    def unraised(self) -> tuple[str, ...]:
        """Nothing: hunts match no intelligence."""
        return ()

    def signals(self, batch: Batch) -> pa.Table:
        """Take in a batch; findings come at the end, when all is known. Alerts of other products are no evidence to a hunt."""
        if not is_alerts(batch):
            self._widen(batch)
            self._coverage.take(batch)
            self._sort(self._detector.signals(batch))
        return SIGNAL_SCHEMA.empty_table()

    def finish(self) -> pa.Table:
        """Give every finding as a signal (`SIGNAL_SCHEMA`), and have the results."""
        self._sort(self._detector.finish())
        told = [self._told(kept) for kept in self._kept]
        self.results = tuple(one for _, one in told)
        return pa.concat_tables([SIGNAL_SCHEMA.empty_table(), *(table for table, _ in told)])

    def _widen(self, batch: Batch) -> None:
        times = cast("dict[str, datetime | None]", pc.min_max(batch.table.column("_time")).as_py())
        first, last = times["min"], times["max"]
        if first and last:
            known = self._span or (first, last)
            self._span = min(known[0], first), max(known[1], last)

    def _hear(self, batch: Batch, fired: Sequence[Fired]) -> None:
        """Put what rules fire on onto the stacks."""
        wanted = [(one, stack) for one in fired if one.rule.id in self._of_rule and (stack := self._of_rule[one.rule.id].stack)]
        if not wanted:
            return
        events = batch.table.select(["_host", "_time"]).take(pa.array([one.index for one, _ in wanted], pa.int64()))
        hosts, times = (cast("list[Any]", events.column(name).to_pylist()) for name in ("_host", "_time"))
        onto = [(one, pile) for (one, stack), host, time in zip(wanted, hosts, times, strict=True) for pile in stack.add(one, host, time)]
        rows = signal_table(batch, [one for one, _ in onto])
        for place, (_, pile) in enumerate(onto):
            pile.signals.append(rows.slice(place, 1))

    def _sort(self, signals: pa.Table) -> None:
        """Keep signals of asking and of checking rules, within bounds."""
        for rule in cast("list[str]", signals.column("rule").unique().to_pylist()):
            own = signals.filter(pc.equal(signals.column("rule"), pa.scalar(rule)))
            if rule in self._checking:
                left = max(0, MOST_SIGNALS - self._check_rows.get(rule, 0))
                self._check_rows[rule] = self._check_rows.get(rule, 0) + own.num_rows
                self._checks.setdefault(rule, []).append(own.slice(0, left))
            elif rule in self._of_rule:
                kept = self._of_rule[rule]
                taken = own.slice(0, max(0, MOST_SIGNALS - kept.rows))
                kept.over += own.num_rows - taken.num_rows
                kept.rows += taken.num_rows
                kept.signals.append(taken)

    def _told(self, kept: _Kept) -> tuple[pa.Table, HuntResult]:
        asked, stack, until = kept.asked, kept.stack, self._usual_until(kept)
        piles = stack.standing_out(until) if stack else []
        if stack is None:
            found = _distinct(pa.concat_tables([SIGNAL_SCHEMA.empty_table(), *kept.signals]))
            what = cast("list[str]", found.column("title").to_pylist())
        else:
            found, what = _of_piles(stack.look, (piles or [])[:MOST_STANDING_OUT])
        gathered = Gathered(
            hunt=asked.hunt,
            covered=self._coverage.of(asked.asking),
            signals=found,
            what=what,
            piles={" · ".join(pile.value): pile for pile in piles or ()},
            stack=stack,
            until=until,
            too_little=piles is None,
            left_out=kept.over + (stack.over if stack else 0) + max(0, len(piles or ()) - MOST_STANDING_OUT),
            looked={name: self._looked(rules) for name, rules in asked.checking.items()},
        )
        return _as_findings(found, asked, self._language), tell(gathered)

    def _looked(self, rules: Collection[str]) -> Looked:
        tables = (table for rule in rules for table in self._checks.get(rule, ()))
        return Looked(frozenset(self._coverage.of(rules).able), pa.concat_tables([SIGNAL_SCHEMA.empty_table(), *tables]))

    def _usual_until(self, kept: _Kept) -> datetime | None:
        """Say until when all is usual; none where the record ends before that, or nothing is compared with a past."""
        look = kept.asked.hunt.look
        if not isinstance(look, First) or self._span is None:
            return None
        until = self._until or self._span[0] + timedelta(days=look.baseline_days)
        return until.astimezone(UTC) if self._span[0] < until < self._span[1] else None


def _distinct(signals: pa.Table) -> pa.Table:
    """Give one signal an event, in time order: that several rules of a hunt fire on it is one finding."""
    ordered = signals.sort_by(cast("Any", [("time", "ascending"), ("event_id", "ascending")]))
    seen: set[str] = set()
    places: list[int] = []
    for place, event in enumerate(cast("list[str]", ordered.column("event_id").to_pylist())):
        if event not in seen:
            seen.add(event)
            places.append(place)
    return ordered.take(pa.array(places, pa.int64()))


def _of_piles(look: Look, piles: Sequence[Pile]) -> tuple[pa.Table, list[str]]:
    """Give the kept events of what stands out, with what stands out in each."""
    tables = [SIGNAL_SCHEMA.empty_table()]
    what: list[str] = []
    for pile in piles:
        for row in pile.signals:
            tables.append(_set(row, "matches", [said(look, pile)]))
            what.append(" · ".join(pile.value))
    return pa.concat_tables(tables), what


def _as_findings(found: pa.Table, asked: Asked, language: Language) -> pa.Table:
    """Give signals as the hunt's: its name is the rule, its title what it says."""
    rows, hunt = found.num_rows, asked.hunt
    techniques = [current_id(name) for name in hunt.techniques]
    tactics = in_usual_order(tactic for name in techniques if (known := technique(name)) for tactic in known.tactics)
    rule = f"{DETECTOR}:{hunt.name}"
    events = cast("list[str]", found.column("event_id").to_pylist())
    values: Mapping[str, list[Any]] = {
        "id": [signal_id(rule, event) for event in events],
        "rule": [rule] * rows,
        "title": [hunt.title.of(language)] * rows,
        "level": [hunt.level] * rows,
        "detector": [DETECTOR] * rows,
        "techniques": [techniques] * rows,
        "tactics": [list(tactics)] * rows,
    }
    for name, column in values.items():
        found = _set(found, name, column)
    return found


def _set(table: pa.Table, name: str, values: Sequence[Any]) -> pa.Table:
    schema: Any = SIGNAL_SCHEMA
    place = schema.get_field_index(name)
    return table.set_column(place, schema.field(place), _arrow.array(values, schema.field(place).type))
