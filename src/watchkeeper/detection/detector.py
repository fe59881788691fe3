"""Detector: batches in, signals out. Owns what becomes of what an engine finds; rules, routes, engines and counts stand beside."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

from watchkeeper.detection.alerts import alert_signals, is_alerts
from watchkeeper.detection.counting import Counts, Tally
from watchkeeper.detection.fast import Fast
from watchkeeper.detection.intel.matching import Matcher
from watchkeeper.detection.logsources import LogSources, log_sources
from watchkeeper.detection.plan import Plans
from watchkeeper.detection.reference import Reference
from watchkeeper.detection.sigma import RuleSet
from watchkeeper.detection.sigma.regex import Watch
from watchkeeper.detection.signals import Fired, signal_table
from watchkeeper.model.batch import Batch

Engine = Literal["fused", "reference"]


@dataclass(frozen=True, slots=True)
class Handed:
    """What a detector knows of its events beyond their signals, for one with the same rules in another process."""

    failed: tuple[tuple[str, str, int], ...]
    """Rule, reason, and on how many events it failed."""
    given_up: dict[str, int]
    """How many searches of a pattern took too long."""
    cut_short: dict[str, int]
    """How many values a pattern saw only the beginning of."""
    tally: Tally
    """What correlations count."""
    intel: tuple[tuple[str, str, int], ...] = ()
    """Matches of intelligence that did not count: why, the value, and how many."""


Heard = Callable[[Batch, Sequence[Fired]], None]
"""Told of everything that fires on a batch, whether it gives a signal or is only counted."""


class Detector:
    """Runs a rule set over batches; keeps what it compiled and counts what failed."""

    def __init__(
        self,
        ruleset: RuleSet,
        sources: LogSources | None = None,
        *,
        engine: Engine = "fused",
        intel: Matcher | None = None,
        heard: Heard | None = None,
    ) -> None:
        """Take the rules, log sources other than the built-in ones, the engine (all give the same), intelligence, and a listener."""
        plans = Plans(ruleset.rules, sources or log_sources())
        self._engine = Fast(plans) if engine == "fused" else Reference(plans)
        self._counts = Counts(ruleset.correlations)
        self._failed: Counter[tuple[str, str]] = Counter()
        self._watch = Watch()
        self._intel = intel
        self._heard = heard

    def know(self, intel: Matcher | None) -> None:
        """Compare with this intelligence from now on."""
        self._intel = intel

    @property
    def problems(self) -> tuple[str, ...]:
        """Rules that failed on events, each with the reason and how many events, what was given up, and what was not counted."""
        counted = self._failed + self._engine.failed
        failed = (f"rule {rule} failed on {count:,} events: {reason}" for (rule, reason), count in counted.items())
        return (*failed, *self._watch.problems(), *self._counts.problems)

    @property
    def unraised(self) -> tuple[str, ...]:
        """Matches of intelligence that were not raised, a sentence for each reason."""
        return self._intel.unraised if self._intel else ()

    def signals(self, batch: Batch) -> pa.Table:
        """Give the signals of a batch (`SIGNAL_SCHEMA`): of rules by event and rule, then of intelligence by event; one for each alert."""
        if is_alerts(batch):
            return self._intel.told_alerts(batch, alert_signals(batch)) if self._intel else alert_signals(batch)
        fired = _distinct(self._engine.hits(batch))
        self._counts.take(batch, fired)
        if self._heard:
            self._heard(batch, fired)
        found = signal_table(batch, [one for one in fired if one.rule.emits])
        return pa.concat_tables([found, self._intel.signals(batch)]) if self._intel else found

    def finish(self) -> pa.Table:
        """Give the signals of correlations over every batch so far (`SIGNAL_SCHEMA`), and forget what was counted.

        Call it once, after the last batch. The answer depends on the events alone, not on batches or their order; rows are in the order
        of the correlations, then of time and event id.
        """
        return self._counts.finish()

    def hand_over(self) -> Handed:
        """Give what it knows of the batches so far beyond their signals, and forget it."""
        failed = tuple((rule, reason, count) for (rule, reason), count in self._engine.failed.items())
        self._engine.failed.clear()
        told = self._intel.hand_over() if self._intel else ()
        return Handed(failed, *self._watch.hand_over(), self._counts.hand_over(), told)

    def take_over(self, handed: Handed) -> None:
        """Take in what another detector knows of the batches that come next; the answer is as if they had been seen here."""
        for rule, reason, count in handed.failed:
            self._failed[rule, reason] += count
        self._watch.take_over(handed.given_up, handed.cut_short)
        self._counts.take_over(handed.tally)
        if self._intel:
            self._intel.take_over(handed.intel)


def _distinct(found: Iterable[Fired]) -> list[Fired]:
    """Give each rule once an event, though several routes may lead to it, in the order of the events."""
    once: dict[tuple[int, str], Fired] = {}
    for one in found:
        once.setdefault((one.index, one.rule.id), one)
    return sorted(once.values(), key=lambda one: one.index)
