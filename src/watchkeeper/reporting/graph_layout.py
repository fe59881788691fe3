"""Coordinates of a layered graph: a box for each thing, a curve for each link. Owns the geometry; colours and words are `graph_svg`'s."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from watchkeeper.reporting.graph_layers import Link, layers
from watchkeeper.reporting.graph_order import Columns, bends, ordered

WIDTH, HEIGHT = 168.0, 46.0
GAP_X, GAP_Y, BEND, MARGIN = 46.0, 16.0, 8.0, 12.0
ROUNDS = 8
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """Where one thing is drawn, in pixels from the top left."""

    id: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Route:
    """Where one link is drawn: from the source's side through its bends to the target's side."""

    source: str
    target: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A whole graph; every box is `WIDTH` by `HEIGHT`, and no two overlap."""

    boxes: tuple[Box, ...]
    routes: tuple[Route, ...]
    width: float
    height: float


def arrange(ids: Sequence[str], links: Sequence[Link]) -> Drawing:
    """Draw causes left of effects; the same input gives the same drawing.

    `ids` are unique, the entry first; links between them may repeat, and those from a thing to itself are not drawn.
    Source: Sugiyama, Tagawa, Toda 1981, "Methods for visual understanding of hierarchical system structures".
    """
    unique = [(a, b) for a, b in dict.fromkeys(links) if a != b]
    column = layers(ids, unique)
    passed = bends(column, unique)
    columns = ordered(ids, column, passed)
    middle = _middles(columns, _adjacent(columns, column, passed))
    top = min((middle[key] - _half(key) for key in middle), default=0.0)
    middle = {key: at - top + MARGIN for key, at in middle.items()}
    boxes = tuple(Box(key, _left(column[key]), middle[key] - HEIGHT / 2) for key in ids)
    height = max((middle[key] + _half(key) for key in middle), default=0.0) + MARGIN
    width = len(columns) * (WIDTH + GAP_X) - GAP_X + 2 * MARGIN if columns else 2 * MARGIN
    return Drawing(boxes, _routes(column, passed, middle), width, height)


def _left(at: int) -> float:
    return MARGIN + at * (WIDTH + GAP_X)


def _half(key: str) -> float:
    return BEND / 2 if key.startswith("\0") else HEIGHT / 2


def _adjacent(columns: Columns, column: Mapping[str, int], passed: Mapping[Link, tuple[str, ...]]) -> dict[str, list[str]]:
    beside: dict[str, list[str]] = {key: [] for names in columns for key in names}
    for (source, target), names in passed.items():
        chain = (source, *names, target) if column[source] < column[target] else (target, *names, source)
        for a, b in pairwise(chain):
            beside[a].append(b)
            beside[b].append(a)
    return beside


def _middles(columns: Columns, beside: Mapping[str, Sequence[str]]) -> dict[str, float]:
    """Pull every thing towards the mean of its neighbours, again and again, keeping order and distance within the column."""
    middle: dict[str, float] = {}
    for names in columns:
        middle.update(zip(names, _apart(names, [0.0] * len(names)), strict=True))
    for turn in range(ROUNDS):
        for names in columns[:: 1 if turn % 2 == 0 else -1]:
            wanted = [sum(middle[other] for other in beside[key]) / len(beside[key]) if beside[key] else middle[key] for key in names]
            middle.update(zip(names, _apart(names, wanted), strict=True))
    return middle


def _apart(names: Sequence[str], wanted: Sequence[float]) -> list[float]:
    """Give the places nearest to the wanted ones that keep order and gaps: isotonic regression, pooling violators."""
    offsets: list[float] = []
    at = 0.0
    for key, before in zip(names, (None, *names), strict=False):
        at += (_half(before) + GAP_Y + _half(key)) if before is not None else 0.0
        offsets.append(at)
    pools: list[tuple[float, int]] = []
    for want, offset in zip(wanted, offsets, strict=True):
        total, size = want - offset, 1
        while pools and pools[-1][0] / pools[-1][1] > total / size:
            above, count = pools.pop()
            total, size = total + above, size + count
        pools.append((total, size))
    level = [total / size for total, size in pools for _ in range(size)]
    return [base + offset for base, offset in zip(level, offsets, strict=True)]


def _routes(column: Mapping[str, int], passed: Mapping[Link, tuple[str, ...]], middle: Mapping[str, float]) -> tuple[Route, ...]:
    ports = _ports(column, passed, middle)
    routes: list[Route] = []
    for (source, target), names in passed.items():
        first, last = (source, target) if column[source] < column[target] else (target, source)
        points = [(_left(column[first]) + WIDTH, middle[first] + ports[first, last])]
        for name in names:
            at = int(name.rpartition(":")[2])
            points += [(_left(at), middle[name]), (_left(at) + WIDTH, middle[name])]
        points.append((_left(column[last]), middle[last] + ports[last, first]))
        routes.append(Route(source, target, tuple(points if first == source else points[::-1])))
    return tuple(routes)


def _ports(column: Mapping[str, int], passed: Mapping[Link, tuple[str, ...]], middle: Mapping[str, float]) -> dict[Link, float]:
    """Give, for each end of each link, how far from the middle of its box's side it meets it, so that links fan out."""
    sides: dict[tuple[str, bool], list[tuple[float, str]]] = {}
    for (source, target), names in passed.items():
        first, last = (source, target) if column[source] < column[target] else (target, source)
        sides.setdefault((first, True), []).append((middle[names[0] if names else last], last))
        sides.setdefault((last, False), []).append((middle[names[-1] if names else first], first))
    ports: dict[Link, float] = {}
    for (key, _), ends in sides.items():
        spread = min(7.0, (HEIGHT - 14.0) / len(ends))
        for at, (_, other) in enumerate(sorted(ends)):
            ports[key, other] = (at - (len(ends) - 1) / 2) * spread
    return ports
