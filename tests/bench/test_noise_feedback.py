"""The analyst of the exam speaks of what is shown, by the labels alone."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
from noise_alerts import BENIGN, MICRO, NO_STEP, Bed, Labels
from noise_feedback import said

from watchkeeper.baseline import Baseline
from watchkeeper.correlation import Knowledge, correlate
from watchkeeper.model.asset import Asset
from watchkeeper.model.signal import SIGNAL_SCHEMA

START = datetime(2025, 3, 3, 8, tzinfo=UTC)


def test_a_session_with_an_alert_of_the_attack_is_called_so_and_any_other_that_is_shown_benign() -> None:
    rows = [
        {
            "id": str(at), "event_id": str(at), "time": START + timedelta(hours=9 * at), "host": f"ws{at}", "user": "",
            "source": "x", "row": at, "rule": f"r{at}", "title": "t", "level": "critical", "detector": "d", "techniques": [], "tactics": [],
            "entities": [], "matches": [], "synthetic": False,
        }
        for at in range(2)
    ]  # fmt: skip
    times = np.array([int(row["time"].timestamp()) * MICRO for row in rows])
    labels = Labels(times, np.array(["ws0", "ws1"], object), np.array([BENIGN, BENIGN], object), np.array([NO_STEP, "dirb"], object))
    bed = Bed("small", pa.Table.from_pylist(rows, schema=SIGNAL_SCHEMA), labels)
    words = list(said(bed, correlate(bed.signals, Baseline.empty(), Knowledge(lambda host: Asset(name=host)))))
    assert {(one.folds[0].rule, one.verdict) for one in words} == {("r0", "benign"), ("r1", "succeeded")}
