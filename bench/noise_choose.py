"""Thresholds chosen on some testbeds for another. Owns the grid and what counts as best; the shipped thresholds are not touched.

Every point of the grid is tried on every testbed once. For each testbed the point is taken that removes most sessions of the *others*
together among those that miss no step of theirs, make no false incident there, and find each of their attacks; of equal ones the most
cautious. If no point is without fault, the fewest faults count first. To be fast, alerts alike in everything count once while choosing:
that changes no session and no fold but its count. What was chosen is then measured on every alert of the testbed held out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

from noise_alerts import Bed, correlated, distinct
from noise_measure import Sessions, measured, placed, sessions

from watchkeeper.correlation import Tuning

GRID: dict[str, tuple[float, ...]] = {
    "seed_score": (2.2, 3.0),
    "past_score": (0.35, 0.4, 0.5, 0.6, 0.7),
    "record_score": (1.0, 1.5, 2.0),
    "beside_share": (0.1, 0.2, 0.3, 0.4),
}


def shown(bed: Bed, held: Sessions, tuning: Tuning) -> dict[str, Any]:
    """Give the figures of the product on a testbed."""
    return measured(held, *placed(held, correlated(bed.signals, tuning).signals))


def points() -> Iterator[Tuning]:
    """Yield every point of the grid, the most cautious first."""
    for values in product(*GRID.values()):
        yield replace(Tuning(), **dict(zip(GRID, values, strict=True)))


def chosen(beds: Sequence[Bed]) -> dict[str, Tuning]:
    """Give for each testbed the thresholds chosen on the others."""
    tried: dict[str, list[dict[str, Any]]] = {}
    grid = list(points())
    for bed in beds:
        small = distinct(bed)
        held = sessions(small.labels)
        tried[bed.name] = [shown(small, held, tuning) for tuning in grid]
    return {name: grid[best([figures for other, figures in tried.items() if other != name])] for name in tried}


def best(others: Sequence[Sequence[dict[str, Any]]]) -> int:
    """Give the position of the best point, from the figures of each other testbed at every point."""
    together = list(zip(*others, strict=True))
    return min(range(len(together)), key=lambda at: (*_cost(together[at]), at))


def _cost(beds: Sequence[dict[str, Any]]) -> tuple[int, int]:
    faults = sum(len(bed["missed"]) + bed["incidents_false"] + (not bed["found"]) for bed in beds)
    return faults, sum(bed["shown"] for bed in beds)
