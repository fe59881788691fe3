"""Noise multiplied: benign alerts keep host, label and time of day, the attack is never copied, and the record does not get longer."""

from collections import Counter

import numpy as np
import pyarrow as pa
from noise_alerts import MICRO, Bed, Labels
from noise_multiply import DAY, MOST_MINUTES, added, moves_of, multiplied

from watchkeeper.model.signal import SIGNAL_SCHEMA

HOUR = 3600 * MICRO
WINDOW = [(DAY + 10 * HOUR, DAY + 12 * HOUR)]


def recorded(days: int = 4) -> Labels:
    """Make an alert every hour of some days; on the second day the attack runs from ten to twelve."""
    times = np.arange(days * 24, dtype=np.int64) * HOUR
    inside = (times >= WINDOW[0][0]) & (times < WINDOW[0][1])
    phases = np.where(inside, "dirb", "false_positive").astype(object)
    steps = np.where(inside, "dirb", "-").astype(object)
    return Labels(times, np.array([f"host{row % 3}" for row in range(len(times))], object), phases, steps)


def bed(labels: Labels) -> Bed:
    rows = [
        {
            "id": f"{row:032x}", "event_id": f"e{row}", "time": int(time), "host": host, "row": row, "user": "", "source": "x",
            "rule": "r", "title": "r", "level": "low", "detector": "d",
            "techniques": [], "tactics": [], "entities": [], "matches": [], "synthetic": False,
        }
        for row, (time, host) in enumerate(zip(labels.times.tolist(), labels.hosts.tolist(), strict=True))
    ]  # fmt: skip
    return Bed("made", pa.Table.from_pylist(rows, schema=SIGNAL_SCHEMA), labels)


def test_twice_the_noise_keeps_host_label_and_time_of_day() -> None:
    labels = recorded()
    rows, moves = added(labels, 2, WINDOW, seed=1)
    assert len(rows) >= 3 * 24
    assert set((moves % DAY).tolist()) == {0}
    assert 0 not in moves
    more = multiplied(bed(labels), 2, WINDOW, seed=1)
    count = len(labels.times)
    assert Counter(more.labels.phases[count:]) == {"false_positive": len(rows)}
    assert Counter(more.labels.steps[count:]) == {"-": len(rows)}
    assert more.labels.hosts[count:].tolist() == labels.hosts[rows].tolist()
    assert (more.labels.times[count:] % DAY).tolist() == (labels.times[rows] % DAY).tolist()


def test_each_day_receives_one_other_day_a_copy() -> None:
    labels = recorded()
    rows, moves = added(labels, 2, WINDOW, seed=1)
    landed = Counter(((labels.times[rows] + moves) // DAY).tolist())
    assert set(landed) == {0, 1, 2, 3}
    assert all(count in (21, 24) for count in landed.values())


def test_no_alert_of_the_attack_or_of_its_windows_is_copied() -> None:
    labels = recorded()
    labels.phases[:] = "false_positive"
    rows, _ = added(labels, 6, WINDOW, seed=1)
    copied = labels.times[rows]
    assert not ((copied >= WINDOW[0][0]) & (copied <= WINDOW[0][1])).any()
    assert not (labels.steps[rows] == "dirb").any()


def test_days_taken_again_get_an_offset_of_at_most_half_an_hour_and_no_two_copies_coincide() -> None:
    found = list(moves_of([0, 1, 2], 6, seed=3))
    for day in (0, 1, 2):
        own = [pair for pair in found if (pair[0] + DAY // 2) // DAY + pair[1] == day]
        assert len(own) == 5
        offsets = [(move + DAY // 2) % DAY - DAY // 2 for move, _ in own]
        assert offsets[:2] == [0, 0]
        assert all(0 < abs(offset) <= MOST_MINUTES * 60 * MICRO for offset in offsets[2:])
    assert list(moves_of([0, 1, 2], 6, seed=3)) == found


def test_the_record_gets_denser_and_not_longer_and_ids_stay_unique() -> None:
    labels = recorded()
    more = multiplied(bed(labels), 6, WINDOW, seed=1)
    assert (more.labels.times.min(), more.labels.times.max()) == (labels.times.min(), labels.times.max())
    assert more.signals.num_rows == len(more.labels.times) > 5 * len(labels.times)
    assert len(more.signals.column("id").unique()) == more.signals.num_rows
    assert more.signals.column("row").to_pylist() == list(range(more.signals.num_rows))
    assert more.signals.column("time").cast(pa.int64()).to_pylist() == more.labels.times.tolist()
    assert more.signals.slice(0, len(labels.times)).column("host").to_pylist() == labels.hosts.tolist()
