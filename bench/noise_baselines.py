"""What anybody could do instead, at the same exam. Owns the baselines of ait-ads; each shows as many sessions, or incidents, as we do.

Nothing: every alert is looked at. Exact duplicates: alerts alike in time, host, rule and address count once. Sessions: each is looked at.
Top by count, by severity: the sessions with most alerts, or with the greatest sum of the weights of their rules' levels, each rule once.
Time gap alone, entity alone: sessions grouped by pauses of an hour on all hosts together, or by the host and address of their first alert;
of these the groups with the greatest such sums are taken as incidents, as many as we have. "Lines" are what a person looks at one by one.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from noise_alerts import Bed, distinct
from noise_excytin import by_entity, by_gap
from noise_measure import Sessions, measured

from watchkeeper.model.level import LEVELS

WEIGHTS = dict(zip(LEVELS, (0.2, 0.5, 1.0, 1.8, 2.6), strict=True))
GAP_HOURS = 1


def baselines(bed: Bed, held: Sessions, shown: int, incidents: int) -> dict[str, dict[str, Any]]:
    """Give every baseline's figures beside what we show: so many sessions, so many incidents."""
    count, everything = len(held.steps), range(len(held.steps))
    counts = np.bincount(held.of, minlength=count).tolist()
    severity = severities(bed, held)
    whole = measured(held, everything, [])
    found = {
        "nothing": whole | {"lines": bed.signals.num_rows},
        "exact duplicates": whole | {"lines": distinct(bed).signals.num_rows},
        "sessions": whole | {"lines": count},
    }
    for name, worth in (("top by count", counts), ("top by severity", severity)):
        found[name] = measured(held, best(everything, worth, shown), []) | {"lines": shown}
    for name, groups in (("time gap alone", gaps(bed, held)), ("entity alone", entities(bed, held))):
        worth = [sum(severity[session] for session in group) for group in groups]
        top = [groups[at] for at in best(range(len(groups)), worth, incidents)]
        found[name] = measured(held, {session for group in top for session in group}, top) | {"lines": len(top)}
    return found


def best(items: Iterable[int], worth: Sequence[float], many: int) -> list[int]:
    """Give the items of greatest worth, earlier ones first among equals."""
    return sorted(items, key=lambda item: (-worth[item], item))[:many]


def severities(bed: Bed, held: Sessions) -> list[float]:
    """Give each session's sum of the weights of its rules."""
    pairs = set(zip(held.of.tolist(), *(bed.signals.column(name).to_pylist() for name in ("rule", "level")), strict=True))
    sums: defaultdict[int, float] = defaultdict(float)
    for session, _, level in sorted(pairs):
        sums[session] += WEIGHTS[level]
    return [sums[session] for session in range(len(held.steps))]


def gaps(bed: Bed, held: Sessions) -> list[list[int]]:
    """Group sessions by pauses between alerts, whatever the host; a session falls to the group of its first alert."""
    order = np.argsort(bed.labels.times, kind="stable")
    return _gathered(held.of[order].tolist(), by_gap(bed.labels.times[order].tolist(), GAP_HOURS))


def entities(bed: Bed, held: Sessions) -> list[list[int]]:
    """Group sessions by shared hosts and addresses."""
    first = np.unique(held.of, return_index=True)[1]
    named = bed.signals.take(first).column("entities").to_pylist()
    return _gathered(range(len(named)), by_entity(named))


def _gathered(sessions: Iterable[int], groups: Iterable[object]) -> list[list[int]]:
    own: dict[int, object] = {}
    for session, group in zip(sessions, groups, strict=True):
        own.setdefault(session, group)
    members: defaultdict[object, list[int]] = defaultdict(list)
    for session, group in own.items():
        members[group].append(session)
    return list(members.values())
