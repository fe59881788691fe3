"""Detector: batches in, signals out. Owns running the plan over the rows and what a failing rule means; rules, routes and entities stand beside it."""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import pyarrow as pa

from watchkeeper.detection.alerts import alert_signals, is_alerts
from watchkeeper.detection.logsources import LogSources, log_sources
from watchkeeper.detection.plan import Plan, Ready, Routed, Router, make_plan
from watchkeeper.detection.sigma import RuleSet
from watchkeeper.detection.sigma.condition import fields
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
        self._failed: Counter[tuple[str, str]] = Counter()
        self._routed = lru_cache(maxsize=1024)(self._routed_now)
        self._plan = lru_cache(maxsize=1024)(self._plan_now)

    @property
    def problems(self) -> tuple[str, ...]:
        """Rules that failed on events, each with the reason and how many events; other rules went on."""
        return tuple(f"rule {rule} failed on {count:,} events: {reason}" for (rule, reason), count in self._failed.items())

    def signals(self, batch: Batch) -> pa.Table:
        """Give the signals of a batch, in the order of its events and then of the rules (`SIGNAL_SCHEMA`)."""
        if is_alerts(batch):
            return alert_signals(batch)
        names = frozenset(name for name in batch.table.column_names if not name.startswith("_"))
        routed, mentioned = self._routed(batch.logsource)
        plan = self._plan(batch.logsource, names & mentioned)
        if not plan.ready:
            return signal_table(batch, [], {})
        return signal_table(batch, self._fired(plan, _rows(batch, plan)), plan.derived)

    def _routed_now(self, source: LogSource) -> tuple[tuple[Routed, ...], frozenset[str]]:
        routed = tuple(self._router.routed(source))
        made = (source for one in routed for how in one.derived.values() for source in how.sources)
        return routed, frozenset(made).union(*(fields(one.condition) for one in routed))

    def _plan_now(self, source: LogSource, columns: frozenset[str]) -> Plan:
        return make_plan(self._routed(source)[0], self._sources.fixed(source), columns)

    def _fired(self, plan: Plan, rows: Sequence[Row]) -> list[Fired]:
        fired: dict[tuple[int, str], Fired] = {}
        for ready in plan.ready:
            for index in self._hits(ready, rows):
                fired.setdefault((index, ready.rule.id), Fired(index, rows[index], ready.rule, ready.condition))
        return sorted(fired.values(), key=lambda one: one.index)

    def _hits(self, ready: Ready, rows: Sequence[Row]) -> list[int]:
        holds = ready.holds
        try:
            return [index for index, row in enumerate(rows) if holds(row)]
        except Exception:  # noqa: BLE001 - one rule over one batch: the failing events are found below and counted
            return [index for index, row in enumerate(rows) if self._holds(ready, row)]

    def _holds(self, ready: Ready, row: Row) -> bool:
        try:
            return ready.holds(row)
        except Exception as error:  # noqa: BLE001 - one rule over one event: recorded, the other events and rules go on
            self._failed[ready.rule.id, f"{type(error).__name__}: {error}"] += 1
            return False


def _rows(batch: Batch, plan: Plan) -> list[Row]:
    if not plan.derived:
        return [Row(native) for native in batch.rows()]
    made = [(native, {name: how.fill(native) for name, how in plan.derived.items()}) for native in batch.rows()]
    return [Row(native, {name: value for name, value in derived.items() if value is not None}) for native, derived in made]
