"""Metrics for Prometheus: what every process measured, under names that stay. Owns the exposition, no counting.

Source: Prometheus, "Text-based format" 0.0.4 and "Metric and label naming".
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from watchkeeper.model.vitals import Vitals
from watchkeeper.server.measures import MEASURES, Measure
from watchkeeper.server.vitals import is_alive

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_PREFIX = "watchkeeper"


def metrics(every: Sequence[Vitals], now: datetime) -> bytes:
    """Write what living processes measured; each series has its process as a label, so that a restart is seen as one."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Snapshot([one for one in every if one.phase != "stopped"], now))
    return generate_latest(registry)


class _Snapshot(Collector):
    """What was said at one moment."""

    def __init__(self, every: Sequence[Vitals], now: datetime) -> None:
        """Take what was said, and now."""
        self._every = every
        self._now = now

    def collect(self) -> Iterator[Metric]:
        """Yield every measure that some process has, then how the processes are."""
        alive = [one for one in self._every if is_alive(one, self._now)]
        for name, measure in MEASURES.items():
            family = _family(f"{_PREFIX}_{name}", measure)
            for one in alive:
                for figure in one.figures:
                    if figure.name == name and figure.labels.keys() == measure.labels.keys():
                        family.add_metric([*(figure.labels[label] for label in measure.labels), one.process], figure.value)
            if family.samples:
                yield family
        yield from self._processes()

    def _processes(self) -> Iterator[Metric]:
        up = GaugeMetricFamily(f"{_PREFIX}_process_up", "Whether a process says that it runs.", labels=["process"])
        hindered = GaugeMetricFamily(f"{_PREFIX}_process_hindered", "Whether something stands in its way.", labels=["process"])
        started = GaugeMetricFamily(f"{_PREFIX}_process_start_time_seconds", "When it started, since 1970.", labels=["process"])
        for one in self._every:
            up.add_metric([one.process], is_alive(one, self._now))
            hindered.add_metric([one.process], bool(one.hindered))
            started.add_metric([one.process], one.started.timestamp())
        yield from (up, hindered, started)


def _family(name: str, measure: Measure) -> CounterMetricFamily | GaugeMetricFamily:
    labels = [*measure.labels, "process"]
    if measure.kind == "counter":
        return CounterMetricFamily(name, measure.says, labels=labels)
    return GaugeMetricFamily(name, measure.says, labels=labels)
