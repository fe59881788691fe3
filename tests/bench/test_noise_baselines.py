"""What anybody could do instead: each baseline shows as much as we do, and is measured like us."""

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
from noise_alerts import MICRO, Bed, Labels
from noise_baselines import baselines, best, severities
from noise_measure import sessions

from watchkeeper.model.signal import SIGNAL_SCHEMA

ALERTS = [
    (0, "a", "login", "low", "-"),
    (0, "a", "login", "low", "-"),
    (1, "b", "login", "low", "-"),
    (9, "c", "exploit", "critical", "dirb"),
]
"""Hour, host, rule, level, step; the first two are alike."""


def bed() -> Bed:
    rows = [
        {
            "id": str(row), "event_id": str(row), "time": datetime.fromtimestamp(hour * 3600, UTC), "host": host, "user": "", "source": "x",
            "row": row, "rule": rule, "title": rule, "level": level, "detector": "d", "techniques": [], "tactics": [],
            "entities": [{"kind": "host", "value": host}], "matches": [], "synthetic": False,
        }
        for row, (hour, host, rule, level, _) in enumerate(ALERTS)
    ]  # fmt: skip
    hours, hosts, _, _, steps = zip(*ALERTS, strict=True)
    phases = np.array(["false_positive"] * len(ALERTS), object)
    labels = Labels(np.array(hours, np.int64) * 3600 * MICRO, np.array(hosts, object), phases, np.array(steps, object))
    return Bed("made", pa.Table.from_pylist(rows, schema=SIGNAL_SCHEMA), labels)


def test_the_best_are_those_of_greatest_worth_earlier_ones_first() -> None:
    assert best(range(4), [1.0, 3.0, 1.0, 3.0], 3) == [1, 3, 0]


def test_severity_counts_each_rule_once() -> None:
    made = bed()
    assert severities(made, sessions(made.labels)) == [0.5, 0.5, 2.6]


def test_every_baseline_stands_the_same_exam() -> None:
    made = bed()
    found = baselines(made, sessions(made.labels), shown=1, incidents=1)
    assert {name: figures["lines"] for name, figures in found.items()} == {
        "nothing": 4, "exact duplicates": 3, "sessions": 3, "top by count": 1, "top by severity": 1, "time gap alone": 1, "entity alone": 1,
    }  # fmt: skip
    assert all(found[name]["removed"] == 0 and found[name]["missed"] == [] for name in ("nothing", "exact duplicates", "sessions"))
    assert found["top by count"]["missed"] == ["dirb"]
    assert found["top by severity"]["missed"] == []
    (gap,), (host,) = found["time gap alone"]["incidents"], found["entity alone"]["incidents"]
    assert (gap["sessions"], host["sessions"], host["purity"]) == (1, 1, 1.0)
