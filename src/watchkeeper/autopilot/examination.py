"""Examining evidence: read, detect, correlate. Owns the pass over the data; what is made of an incident stands in `flow`."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.assets import Learner, Register, read_assets
from watchkeeper.autopilot.options import Options
from watchkeeper.baseline import Baseline
from watchkeeper.content import folder
from watchkeeper.correlation import Correlated, correlate
from watchkeeper.detection import Detector, RuleSet, load_rules
from watchkeeper.detection.logsources import log_sources
from watchkeeper.detection.sigma.placeholder_file import read_placeholders
from watchkeeper.detection.sigma.placeholders import NO_VALUES
from watchkeeper.ingest import read
from watchkeeper.lake import Keeper
from watchkeeper.model.batch import Batch
from watchkeeper.model.signal import SIGNAL_SCHEMA
from watchkeeper.model.sourceread import SourceRead
from watchkeeper.store import open_store


@dataclass(frozen=True, slots=True)
class Examined:
    """What reading, detecting and correlating gave."""

    sources: tuple[SourceRead, ...]
    rules: RuleSet
    events: int
    span: tuple[datetime, datetime] | None
    correlated: Correlated
    assets: Register
    hosts: tuple[str, ...]


def examine(options: Options, keeper: Keeper | None = None) -> Examined:
    """Read every event once, keep it if there is a keeper, detect on it, and group what was found.

    Raises:
        OSError: a given path cannot be read.
        ValueError: the assets, mapping, rules, placeholders or log sources cannot be used.
    """
    told = read_assets(options.assets) if options.assets else ()
    options.progress("rules", 0)
    ruleset = _rules(options)
    passed = _Pass(Detector(ruleset, log_sources(options.log_sources)), keeper)
    sources = tuple(passed.over(_read(options)))
    passed.finish()
    if keeper:
        keeper.flush()
    learnt = passed.learner.learnt()
    register = Register(told, learnt)
    options.progress("correlate", 0)
    signals = pa.concat_tables(passed.signals) if passed.signals else SIGNAL_SCHEMA.empty_table()
    ruleset = replace(ruleset, problems=ruleset.problems + passed.detector.problems)
    correlated = correlate(signals, _learnt(options, passed), register.of)
    return Examined(sources, ruleset, passed.events, passed.span(), correlated, register, tuple(asset.name for asset in learnt))


def _rules(options: Options) -> RuleSet:
    placeholders = read_placeholders(options.placeholders) if options.placeholders else NO_VALUES
    return load_rules(((folder("rules"),) if options.own_rules else ()) + options.rules, placeholders=placeholders)


def _read(options: Options) -> Iterator[Batch | SourceRead]:
    return read(options.paths, mapping=options.mapping, batch_rows=options.batch_rows, progress=lambda done: options.progress("read", done))


class _Pass:
    """One pass over the batches; holds signals and counts, never events."""

    def __init__(self, detector: Detector, keeper: Keeper | None) -> None:
        self.detector = detector
        self.keeper = keeper
        self.learner = Learner()
        self.signals: list[pa.Table] = []
        self.events = 0
        self._first: datetime | None = None
        self._last: datetime | None = None

    def over(self, read_items: Iterator[Batch | SourceRead]) -> Iterator[SourceRead]:
        """Take in every batch and give the sources back."""
        for item in read_items:
            if isinstance(item, SourceRead):
                yield item
            else:
                self._take(item)

    def finish(self) -> None:
        """Add the signals that only all events together give."""
        found = self.detector.finish()
        if found.num_rows:
            self.signals.append(found)

    def span(self) -> tuple[datetime, datetime] | None:
        """Give the times of the first and the last event, UTC; none if no event has a time."""
        return (self._first, self._last) if self._first and self._last else None

    def _take(self, batch: Batch) -> None:
        self.events += batch.table.num_rows
        found = self.detector.signals(batch)
        if found.num_rows:
            self.signals.append(found)
        self.learner.observe(batch)
        if self.keeper:
            self.keeper.add(batch)
        times = cast("dict[str, datetime | None]", pc.min_max(batch.table.column("_time")).as_py())
        first, last = times["min"], times["max"]
        if first and last:
            self._first = min(self._first or first, first).astimezone(UTC)
            self._last = max(self._last or last, last).astimezone(UTC)


def _learnt(options: Options, passed: _Pass) -> Baseline:
    span = passed.span()
    learnt = Baseline.empty()
    if options.state is None or span is None:
        return learnt
    with closing(open_store(options.state)) as store:
        for body in store.baselines(span[0], (asset.name for asset in passed.learner.learnt())):
            learnt = learnt.learn(Baseline.from_bytes(body).sightings())
    return learnt
