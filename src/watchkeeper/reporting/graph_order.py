"""Order within the columns of a layered graph. Owns bends of long links and few crossings; not the columns themselves, nor coordinates."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from watchkeeper.reporting.graph_layers import Link

SWEEPS = 12
Columns = list[list[str]]


def bends(column: Mapping[str, int], links: Sequence[Link]) -> dict[Link, tuple[str, ...]]:
    """Give each link its bends from left to right, one in every column that it passes; a bend's name cannot be a thing's."""
    passed: dict[Link, tuple[str, ...]] = {}
    for number, (source, target) in enumerate(links):
        first, last = sorted((column[source], column[target]))
        passed[source, target] = tuple(f"\0{number}:{at}" for at in range(first + 1, last))
    return passed


def ordered(ids: Sequence[str], column: Mapping[str, int], passed: Mapping[Link, tuple[str, ...]]) -> Columns:
    """Order every column so that few links cross: mean position of neighbours, swept right and left; the best order seen wins."""
    steps = _steps(column, passed)
    columns: Columns = [[] for _ in range(max(column.values(), default=-1) + 1)]
    for key in ids:
        columns[column[key]].append(key)
    for names in passed.values():
        for name in names:
            columns[int(name.rpartition(":")[2])].append(name)
    before = _beside(steps, left=True)
    after = _beside(steps, left=False)
    best, fewest = columns, crossings(columns, steps)
    for sweep in range(SWEEPS):
        columns = _swept(columns, before, 1) if sweep % 2 == 0 else _swept(columns, after, -1)
        count = crossings(columns, steps)
        if count < fewest:
            best, fewest = columns, count
    return best


def crossings(columns: Sequence[Sequence[str]], steps: Sequence[Link]) -> int:
    """Count the pairs of steps between neighbouring columns that cross."""
    row = {key: at for names in columns for at, key in enumerate(names)}
    where = {key: at for at, names in enumerate(columns) for key in names}
    total = 0
    for at in range(len(columns)):
        ends = sorted((row[a], row[b]) for a, b in steps if where[a] == at)
        total += sum(ends[j][1] < ends[i][1] for i in range(len(ends)) for j in range(i + 1, len(ends)) if ends[j][0] > ends[i][0])
    return total


def _steps(column: Mapping[str, int], passed: Mapping[Link, tuple[str, ...]]) -> list[Link]:
    steps: list[Link] = []
    for (source, target), names in passed.items():
        first, last = (source, target) if column[source] < column[target] else (target, source)
        steps.extend(pairwise((first, *names, last)))
    return steps


def _beside(steps: Sequence[Link], *, left: bool) -> dict[str, list[str]]:
    beside: dict[str, list[str]] = {}
    for a, b in steps:
        key, other = (b, a) if left else (a, b)
        beside.setdefault(key, []).append(other)
    return beside


def _swept(columns: Columns, beside: Mapping[str, Sequence[str]], direction: int) -> Columns:
    swept = [list(names) for names in columns]
    row = {key: float(at) for names in columns for at, key in enumerate(names)}
    for names in swept[::direction]:
        mean = {key: sum(row[other] for other in beside[key]) / len(beside[key]) if key in beside else row[key] for key in names}
        names.sort(key=lambda key, mean=mean, row=row: (mean[key], row[key]))
        row.update({key: float(at) for at, key in enumerate(names)})
    return swept
