"""More noise of the same kind: benign alerts of other days shifted in. Owns how; the product reads no label of the result either.

Benign is an alert that is labelled `false_positive` with no step, and lies in no window of `attack_windows.json`. For noise times N, every
day receives the benign alerts of N-1 other days of the same testbed, shifted by whole days: same host, same time of day, still labelled
benign, also where they fall into the attack. Other days are taken in an order drawn from a fixed seed; when each has been taken once they
are drawn again, each time with a further offset of one to thirty minutes, earlier or later, so that copies do not coincide. Nothing is
shifted to before the first alert of the record or after its last: the record gets denser and not longer. Ids are made new.
"""

from collections.abc import Iterator
from dataclasses import replace
from random import Random

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from noise_alerts import BENIGN, MICRO, NO_STEP, Bed, Labels, with_column

DAY = 86400 * MICRO
MOST_MINUTES = 30
SEED = 11


def multiplied(bed: Bed, times: int, windows: list[tuple[int, int]], seed: int = SEED) -> Bed:
    """Give the testbed with so many times its noise."""
    rows, moves = added(bed.labels, times, windows, seed)
    every = np.concatenate([np.arange(len(bed.labels.times)), rows])
    labels = bed.labels.at(every)
    labels = replace(labels, times=labels.times + np.concatenate([np.zeros(len(bed.labels.times), np.int64), moves]))
    signals = bed.signals.take(pa.array(every))
    signals = with_column(signals, "row", np.arange(len(every)))
    signals = with_column(signals, "time", pa.array(labels.times).cast(pa.timestamp("us", "UTC")))
    numbers = pa.array(np.arange(len(every))).cast(pa.string())
    for name in ("id", "event_id"):
        signals = with_column(signals, name, pc.binary_join_element_wise(signals.column(name), numbers, "-"))
    return Bed(bed.name, signals, labels)


def benign(labels: Labels, windows: list[tuple[int, int]]) -> np.ndarray:
    """Say which alerts may be shifted into other days."""
    outside = np.ones(len(labels.times), bool)
    for start, end in windows:
        outside &= (labels.times < start) | (labels.times > end)
    return outside & (labels.phases == BENIGN) & (labels.steps == NO_STEP)


def added(labels: Labels, times: int, windows: list[tuple[int, int]], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Give the rows that are added and by how many µs each is moved."""
    first, last = int(labels.times.min()), int(labels.times.max())
    fit = np.flatnonzero(benign(labels, windows))
    days = labels.times[fit] // DAY
    rows: list[np.ndarray] = [np.empty(0, np.int64)]
    moves: list[np.ndarray] = [np.empty(0, np.int64)]
    for move, source in moves_of(sorted(set((labels.times // DAY).tolist())), times, seed):
        own = fit[days == source]
        lands = labels.times[own] + move
        own = own[(lands >= first) & (lands <= last)]
        rows.append(own)
        moves.append(np.full(len(own), move, np.int64))
    return np.concatenate(rows), np.concatenate(moves)


def moves_of(days: list[int], times: int, seed: int) -> Iterator[tuple[int, int]]:
    """Yield by how many µs which day's alerts are moved, for every day and copy."""
    draw = Random(seed)  # noqa: S311 - seeded, not secret
    for day in days:
        others = [other for other in days if other != day]
        for round_ in range(times - 1):
            turn = round_ % len(others)
            if turn == 0:
                draw.shuffle(others)
            minutes = draw.choice((-1, 1)) * draw.randint(1, MOST_MINUTES) if round_ >= len(others) else 0
            yield (day - others[turn]) * DAY + minutes * 60 * MICRO, others[turn]
