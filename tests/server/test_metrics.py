"""Metrics: read back by Prometheus' own parser, with no label that strangers can fill."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from watchkeeper.model.vitals import Figure, Vitals
from watchkeeper.server.measures import MEASURES
from watchkeeper.server.metrics import metrics
from watchkeeper.server.vitals import Pulse, read_vitals


def _samples(body: bytes) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    families = text_string_to_metric_families(body.decode())
    return {(sample.name, tuple(sorted(sample.labels.items()))): sample.value for family in families for sample in family.samples}


def test_what_processes_measured_is_read_by_prometheus(tmp_path: Path) -> None:
    for number in range(2):
        pulse = Pulse(tmp_path, f"worker-{number}")
        pulse.add("messages_sent", 3 + number, channel="mail")
        pulse.set("journal_lag_seconds", 0.5)
        pulse.phase("running")
        pulse.write()
    found = _samples(metrics(read_vitals(tmp_path).vitals, datetime.now(UTC)))
    assert found["watchkeeper_messages_sent_total", (("channel", "mail"), ("process", "worker-1"))] == 4
    assert found["watchkeeper_journal_lag_seconds", (("process", "worker-0"),)] == 0.5
    assert found["watchkeeper_process_up", (("process", "worker-0"),)] == 1


def test_who_is_gone_is_down_and_its_gauges_are_not_believed(tmp_path: Path) -> None:
    pulse = Pulse(tmp_path, "keeper")
    pulse.set("messages_waiting", 7)
    pulse.write()
    found = _samples(metrics(read_vitals(tmp_path).vitals, datetime.now(UTC) + timedelta(minutes=5)))
    assert found["watchkeeper_process_up", (("process", "keeper"),)] == 0
    assert not any(name == "watchkeeper_messages_waiting" for name, _ in found)
    pulse.phase("stopped")
    pulse.write()
    assert _samples(metrics(read_vitals(tmp_path).vitals, datetime.now(UTC))) == {}


def test_figures_of_another_version_are_left_out(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    figures = (Figure(name="gone_by_now", value=1), Figure(name="signals", labels={"host": "x"}, value=1))
    said = Vitals(process="web", pid=1, started=now, written=now, phase="running", figures=figures)
    assert {name for name, _ in _samples(metrics([said], now))} == {
        f"watchkeeper_process_{what}" for what in ("up", "hindered", "start_time_seconds")
    }


def test_every_measure_has_a_bounded_number_of_series() -> None:
    for name, measure in MEASURES.items():
        series = 1
        for values in measure.labels.values():
            series *= len(values)
        assert series <= 60, name
        assert measure.says.endswith("."), name
