"""Detector: batches in, signals out. Owns running a plan over rows and what a failing rule means; rules, routes, counts stand beside."""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

import pyarrow as pa

from watchkeeper.detection.alerts import alert_signals, is_alerts
from watchkeeper.detection.counting import Counts
from watchkeeper.detection.gate import Index
from watchkeeper.detection.logsources import LogSources, log_sources
from watchkeeper.detection.plan import Plan, Ready, Routed, Router, make_plan
from watchkeeper.detection.sigma import RuleSet
from watchkeeper.detection.sigma.row import Row
from watchkeeper.detection.signals import Fired, signal_table
from watchkeeper.model.batch import Batch
from watchkeeper.model.logsource import LogSource


class Detector:
    """Runs a rule set over batches; keeps what it compiled and counts what failed."""

    def __init__(self, ruleset: RuleSet, sources: LogSources | None = None) -> None:
        """Take the rules, and log sources other than the built-in ones."""
        self._sources = sources or log_sources()
        self._router = Router(ruleset.rules, self._sources)
        self._counts = Counts(ruleset.correlations)
        self._failed: Counter[tuple[str, str]] = Counter()
        self._routed = lru_cache(maxsize=1024)(self._routed_now)
        self._plan = lru_cache(maxsize=1024)(self._plan_now)

    @property
    def problems(self) -> tuple[str, ...]:
        """Rules that failed on events, each with the reason and how many events, and what was not counted; other rules went on."""
        failed = (f"rule {rule} failed on {count:,} events: {reason}" for (rule, reason), count in self._failed.items())
        return (*failed, *self._counts.problems)

    def signals(self, batch: Batch) -> pa.Table:
        """Give the signals of a batch, in the order of its events and then of the rules (`SIGNAL_SCHEMA`)."""
        if is_alerts(batch):
            return alert_signals(batch)
        names = frozenset(name for name in batch.table.column_names if not name.startswith("_"))
        mentioned = self._routed(*_words(batch.logsource))[1]
        plan = self._plan(names & mentioned, *_words(batch.logsource))
        if not plan.ready:
            return signal_table(batch, [], {})
        fired = self._fired(plan, _rows(batch, plan))
        self._counts.take(batch, fired)
        return signal_table(batch, [one for one in fired if one.rule.emits], plan.derived)

    def finish(self) -> pa.Table:
        """Give the signals of correlations over every batch so far (`SIGNAL_SCHEMA`), and forget what was counted.

        Call it once, after the last batch. The answer depends on the events alone, not on batches or their order; rows are in the order
        of the correlations, then of time and event id.
        """
        return self._counts.finish()

    def _routed_now(self, product: str, service: str, event_type: str) -> tuple[tuple[Routed, ...], frozenset[str]]:
        """Give the rules for a log source and every field they look at."""
        routed = tuple(self._router.routed(LogSource(product=product, service=service, event_type=event_type)))
        return routed, frozenset[str]().union(*(one.fields for one in routed))

    def _plan_now(self, columns: frozenset[str], product: str, service: str, event_type: str) -> Plan:
        source = LogSource(product=product, service=service, event_type=event_type)
        return make_plan(self._routed(product, service, event_type)[0], self._sources.fixed(source), columns)

    def _fired(self, plan: Plan, rows: Sequence[Row]) -> list[Fired]:
        fired: dict[tuple[int, str], Fired] = {}
        places = Index(rows)
        for ready in plan.ready:
            for index in self._hits(ready, rows, places.rows(ready.keys)):
                fired.setdefault((index, ready.rule.id), Fired(index, rows[index], ready.rule, ready.condition, ready.names))
        return sorted(fired.values(), key=lambda one: one.index)

    def _hits(self, ready: Ready, rows: Sequence[Row], places: Iterable[int]) -> list[int]:
        holds = ready.holds
        try:
            return [index for index in places if holds(rows[index])]
        except Exception:  # noqa: BLE001 - one rule over one batch: the failing events are found below and counted
            return [index for index in places if self._holds(ready, rows[index])]

    def _holds(self, ready: Ready, row: Row) -> bool:
        try:
            return ready.holds(row)
        except Exception as error:  # noqa: BLE001 - one rule over one event: recorded, the other events and rules go on
            self._failed[ready.rule.id, f"{type(error).__name__}: {error}"] += 1
            return False


def _words(source: LogSource) -> tuple[str, str, str]:
    return source.product, source.service, source.event_type


def _rows(batch: Batch, plan: Plan) -> list[Row]:
    if not plan.derived:
        return [Row(native, None, plan.wanted) for native in batch.rows()]
    made = [(native, {name: how.fill(native) for name, how in plan.derived.items()}) for native in batch.rows()]
    return [Row(native, {name: value for name, value in derived.items() if value is not None}, plan.wanted) for native, derived in made]
