"""Layers of a directed graph: which column each thing stands in. Owns cycles, longest paths and tall columns; order is `graph_order`'s."""

from collections.abc import Mapping, Sequence

Link = tuple[str, str]
ROWS = 9
"""How many things a column should hold; more spill into the next one if nothing follows from them."""


def acyclic(ids: Sequence[str], links: Sequence[Link]) -> tuple[frozenset[Link], frozenset[Link]]:
    """Give the links that go forward and those that close a cycle, searching depth first in the order of `ids`; loops are neither."""
    following = neighbours(ids, links)
    back: set[Link] = set()
    state: dict[str, bool] = {}
    for root in ids:
        stack = [(root, iter(following[root]))] if root not in state else []
        state.setdefault(root, False)
        while stack:
            here, rest = stack[-1]
            after = next(rest, None)
            if after is None:
                state[here] = True
                stack.pop()
            elif after not in state:
                state[after] = False
                stack.append((after, iter(following[after])))
            elif not state[after]:
                back.add((here, after))
    return frozenset((a, b) for a, b in links if a != b) - back, frozenset(back)


def neighbours(ids: Sequence[str], links: Sequence[Link]) -> dict[str, list[str]]:
    """Give, for each thing, what its links lead to, in their order, each once and without itself."""
    following: dict[str, list[str]] = {key: [] for key in ids}
    for source, target in links:
        if source != target and target not in following[source]:
            following[source].append(target)
    return following


def layers(ids: Sequence[str], links: Sequence[Link]) -> dict[str, int]:
    """Give each thing its column, 0 at the left: one further than the furthest thing that leads to it.

    The first of `ids`, the entry, stands leftmost: links that lead back to it count as if they led away from it. Other cycles are cut
    where they close. A cause that nothing leads to stands right before its first effect. Things that lead nowhere spill to the right
    when their column holds more than `ROWS`.
    """
    turned = [(target, source) if target == ids[0] else (source, target) for source, target in links]
    forward, back = acyclic(ids, turned)
    ahead = [link for link in turned if link in forward] + [(target, source) for source, target in turned if (source, target) in back]
    following = neighbours(ids, ahead)
    column = _longest(ids, following)
    caused = {target for _, target in ahead}
    for key in ids[1:]:
        if key not in caused and following[key]:
            column[key] = min(column[after] for after in following[key]) - 1
    return _spilt(ids, column, following)


def _longest(ids: Sequence[str], following: Mapping[str, Sequence[str]]) -> dict[str, int]:
    waiting = dict.fromkeys(ids, 0)
    for targets in following.values():
        for target in targets:
            waiting[target] += 1
    column = dict.fromkeys(ids, 0)
    ready = [key for key in ids if not waiting[key]]
    for key in ready:
        for after in following[key]:
            column[after] = max(column[after], column[key] + 1)
            waiting[after] -= 1
            if not waiting[after]:
                ready.append(after)
    return column


def _spilt(ids: Sequence[str], column: dict[str, int], following: Mapping[str, Sequence[str]]) -> dict[str, int]:
    at = 0
    while at <= max(column.values(), default=-1):
        here = [key for key in ids if column[key] == at]
        ends = [key for key in here if not following[key]]
        surplus = min(len(here) - ROWS, len(ends))
        for key in ends[len(ends) - surplus :] if surplus > 0 else ():
            column[key] = at + 1
        at += 1
    return column
